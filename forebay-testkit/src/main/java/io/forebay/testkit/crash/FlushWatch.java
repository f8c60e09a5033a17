package io.forebay.testkit.crash;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLTransientConnectionException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Follows the flush transactions of one connection, and those that replay a dead letter, told by their first statement, before
 * which settings may be sent; ends the process in them.
 */
final class FlushWatch implements InvocationHandler {
    private static final List<String> FIRST_STATEMENTS = List.of(
            "UPDATE forebay_watermark SET sequence", "UPDATE forebay_dead_letter SET attempts = attempts WHERE");

    private final Connection real;
    private final CrashChild child;
    private final AtomicInteger commits;
    private final int loseReplyOf;
    private final int cutOf;
    private boolean flushing;

    private FlushWatch(Connection real, CrashChild child, AtomicInteger commits, int loseReplyOf, int cutOf) {
        this.real = real;
        this.child = child;
        this.commits = commits;
        this.loseReplyOf = loseReplyOf;
        this.cutOf = cutOf;
    }

    static DataSource around(DataSource real, CrashChild child, int loseReplyOf, int cutOf) {
        AtomicInteger commits = new AtomicInteger();
        return proxy(DataSource.class, (proxy, method, arguments) -> {
            Object result = call(real, method, arguments);
            return result instanceof Connection connection
                    ? proxy(Connection.class, new FlushWatch(connection, child, commits, loseReplyOf, cutOf))
                    : result;
        });
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] arguments)
            throws Throwable {
        switch (method.getName()) {
            case "prepareStatement", "createStatement" -> beforeStatement(arguments);
            case "rollback", "close" -> flushing = flushing && arguments != null; // to a savepoint it goes on
            case "commit" -> {
                if (flushing) return commit(method);
            }
            default -> {}
        }
        return call(real, method, arguments);
    }

    private void beforeStatement(@Nullable Object @Nullable [] arguments) {
        if (flushing) child.reached(KillPoint.Stage.MID_BATCH);
        if (arguments == null) return;
        String sql = String.valueOf(arguments[0]);
        if (FIRST_STATEMENTS.stream().anyMatch(sql::contains)) flushing = true;
    }

    private @Nullable Object commit(Method method) throws Throwable {
        child.reached(KillPoint.Stage.BEFORE_COMMIT);
        int number = commits.incrementAndGet();
        if (isEvery(cutOf, number)) real.abort(Runnable::run); // what is asked of it from here on fails
        if (child.isTime(KillPoint.Stage.DURING_COMMIT)) new Thread(CrashChild::die, "forebay-crash").start();
        call(real, method, null);
        child.reached(KillPoint.Stage.AFTER_COMMIT);
        flushing = false;
        if (isEvery(loseReplyOf, number))
            throw new SQLTransientConnectionException("the reply of this COMMIT is lost, on purpose", "08006");
        return null;
    }

    private static boolean isEvery(int period, int number) {
        return period > 0 && number % period == 0;
    }

    private static @Nullable Object call(Object target, Method method, @Nullable Object @Nullable [] arguments)
            throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            Throwable cause = e.getCause();
            throw cause == null ? e : cause;
        }
    }
}
