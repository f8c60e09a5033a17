package io.forebay.jdbc.model;

import java.io.PrintWriter;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;
import java.util.logging.Logger;
import javax.sql.DataSource;

/**
 * Connections that break now and then: when they are taken, at a statement, before a COMMIT is sent, or after the database
 * has carried it out.
 */
final class FailingDataSource implements DataSource {
    private final DataSource target;
    private final Random random; // guarded by itself
    private volatile int perMille;

    FailingDataSource(DataSource target, long seed) {
        this.target = target;
        this.random = new Random(seed);
    }

    void failPerMille(int rate) {
        perMille = rate;
    }

    private void maybeFail(String where) throws SQLException {
        synchronized (random) {
            if (random.nextInt(1000) >= perMille) return;
        }
        throw new SQLException("the connection broke " + where, "08006");
    }

    @Override
    public Connection getConnection() throws SQLException {
        maybeFail("before it was taken");
        Connection connection = target.getConnection();
        return proxy(Connection.class, (proxy, method, args) -> {
            if (!method.getName().equals("commit")) return wrapped(invoke(method, connection, args));
            maybeFail("before COMMIT was sent");
            Object result = invoke(method, connection, args);
            maybeFail("before the reply to COMMIT came");
            return result;
        });
    }

    private Object wrapped(Object result) {
        if (result instanceof PreparedStatement statement) return proxy(PreparedStatement.class, failing(statement));
        if (result instanceof Statement statement) return proxy(Statement.class, failing(statement));
        return result;
    }

    private InvocationHandler failing(Statement statement) {
        return (proxy, method, args) -> {
            if (method.getName().startsWith("execute")) maybeFail("at a statement");
            return invoke(method, statement, args);
        };
    }

    private static Object invoke(java.lang.reflect.Method method, Object target, Object[] args) throws Throwable {
        try {
            return method.invoke(target, args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
        return getConnection();
    }

    @Override
    public PrintWriter getLogWriter() {
        return null;
    }

    @Override
    public void setLogWriter(PrintWriter out) {}

    @Override
    public void setLoginTimeout(int seconds) {}

    @Override
    public int getLoginTimeout() {
        return 0;
    }

    @Override
    public Logger getParentLogger() {
        return Logger.getGlobal();
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        return target.unwrap(type);
    }

    @Override
    public boolean isWrapperFor(Class<?> type) throws SQLException {
        return target.isWrapperFor(type);
    }
}
