package io.forebay.cli.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.OffsetDateTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CombinedLogTest {
    private static final String TIME = "[17/May/2015:10:05:03 +0200]";

    @Test
    void a_line_is_taken_apart() throws MalformedLineException {
        LogLine line = CombinedLog.parse("83.149.9.216 - frank " + TIME
                + " \"GET /a?b=c HTTP/1.1\" 200 203023 \"http://x/\" \"Mozilla/5.0 (X)\"");

        assertThat(line)
                .isEqualTo(new LogLine(
                        "83.149.9.216",
                        OffsetDateTime.parse("2015-05-17T10:05:03+02:00"),
                        "GET",
                        "/a?b=c",
                        200,
                        203023L,
                        "http://x/",
                        "Mozilla/5.0 (X)"));
    }

    @Test
    void a_dash_is_nothing() throws MalformedLineException {
        LogLine line = CombinedLog.parse("::1 - - " + TIME + " \"HEAD / HTTP/1.0\" 304 - \"-\" \"-\"");

        assertThat(line.bytes()).isNull();
        assertThat(line.referrer()).isNull();
        assertThat(line.agent()).isNull();
    }

    @Test
    void an_ipv6_address_is_an_address() throws MalformedLineException {
        assertThat(CombinedLog.parse("2001:db8::ff00:42:8329 - - " + TIME + " \"GET / HTTP/2.0\" 200 1 \"-\" \"-\"")
                        .ip())
                .isEqualTo("2001:db8::ff00:42:8329");
    }

    @Test
    void escaped_quotes_and_backslashes_are_part_of_the_text() throws MalformedLineException {
        LogLine line =
                CombinedLog.parse("h - - " + TIME + " \"GET /\\\"x\\\" HTTP/1.1\" 200 1 \"-\" \"a \\\"b\\\" c\\\\\"");

        assertThat(line.path()).isEqualTo("/\"x\"");
        assertThat(line.agent()).isEqualTo("a \"b\" c\\");
    }

    @Test
    void a_user_may_have_spaces_and_a_path_too() throws MalformedLineException {
        LogLine line = CombinedLog.parse("h - John Doe " + TIME + " \"GET /a b c HTTP/1.1\" 200 1 \"-\" \"x\"");

        assertThat(line.path()).isEqualTo("/a b c");
    }

    @Test
    void what_is_no_http_request_is_kept_as_it_is() throws MalformedLineException {
        assertThat(CombinedLog.parse("h - - " + TIME + " \"-\" 408 - \"-\" \"-\"")
                        .path())
                .isEqualTo("-");
        LogLine tls = CombinedLog.parse("h - - " + TIME + " \"\\x16\\x03\\x01\" 400 226 \"-\" \"-\"");
        assertThat(tls.path()).isEqualTo("\\x16\\x03\\x01");
        assertThat(tls.method()).isNull();
    }

    @Test
    void an_old_request_has_no_protocol() throws MalformedLineException {
        assertThat(CombinedLog.parse("h - - " + TIME + " \"GET /old\" 200 1 \"-\" \"-\"")
                        .path())
                .isEqualTo("/old");
    }

    @Test
    void more_behind_the_agent_is_ignored() throws MalformedLineException {
        assertThat(CombinedLog.parse("h - - " + TIME + " \"GET / HTTP/1.1\" 200 1 \"-\" \"x\" 12 34")
                        .agent())
                .isEqualTo("x");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "garbage",
                "h - -",
                "h - - [17/May/2015:10:05:03] \"GET / HTTP/1.1\" 200 1 \"-\" \"x\"",
                "h - - [17/Mai/2015:10:05:03 +0000] \"GET / HTTP/1.1\" 200 1 \"-\" \"x\"",
                "h - - [31/Feb/2015:10:05:03 +0000] \"GET / HTTP/1.1\" 200 1 \"-\" \"x\"",
                "h - - [17/May/2015:25:05:03 +0000] \"GET / HTTP/1.1\" 200 1 \"-\" \"x\"",
                "h - - [17/May/2015:10:05:03 +0000] GET / HTTP/1.1 200 1 \"-\" \"x\"",
                "h - - [17/May/2015:10:05:03 +0000] \"GET / HTTP/1.1\" OK 1 \"-\" \"x\"",
                "h - - [17/May/2015:10:05:03 +0000] \"GET / HTTP/1.1\" 200 -1 \"-\" \"x\"",
                "h - - [17/May/2015:10:05:03 +0000] \"GET / HTTP/1.1\" 200 99999999999999999999 \"-\" \"x\"",
                "h - - [17/May/2015:10:05:03 +0000] \"GET / HTTP/1.1\" 200 1 \"-\" \"no end",
                "h - - [17/May/2015:10:05:03 +0000] \"GET / HTTP/1.1\" 200 1 \"-\" \"escaped end\\\"",
                "h - - [17/May/2015:10:05:03 +0000] \"GET / HTTP/1.1\" 200 1",
                "h - - [17/May/2015:10:05:03 +0000] \"GET /\0 HTTP/1.1\" 200 1 \"-\" \"x\""
            })
    void a_malformed_line_is_refused_with_a_reason(String line) {
        assertThatThrownBy(() -> CombinedLog.parse(line))
                .isInstanceOf(MalformedLineException.class)
                .message()
                .isNotBlank();
    }

    @Test
    void every_beginning_of_a_line_is_refused_or_taken_but_never_breaks() {
        String line = "h - - " + TIME + " \"GET /a HTTP/1.1\" 200 1 \"http://x\\\"/\" \"agent\" 1";
        for (int end = 0; end < line.length(); end++) {
            try {
                CombinedLog.parse(line.substring(0, end));
            } catch (MalformedLineException e) {
                assertThat(e).hasMessageNotContaining("null");
            }
        }
    }
}
