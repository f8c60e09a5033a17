/** A {@code MongoClient} whose writes by {@code _id} wait in a Forebay buffer. Begin at {@link BufferedMongo}. */
@NullMarked
package io.forebay.mongodb.client;

import org.jspecify.annotations.NullMarked;
