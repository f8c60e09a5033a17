/** What a pending document is: operations as lists of changes, how they merge, and what a MongoDB server makes of them. */
@NullMarked
package io.forebay.mongodb.document;

import org.jspecify.annotations.NullMarked;
