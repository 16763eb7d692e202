// RFC 9051 §2.2.1, §4.3, §6.3.12; RFC 7888: every dialogue in every split of its bytes.
#include "protocol/imap/command_reader.h"

#include "testing/splits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::imap {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Events = std::vector<std::string>;

constexpr ReaderLimits kLimits{
    .line_bytes_max = 60, .literal_bytes_max = 20, .literals_max = 3, .append_bytes_max = 1000};

/// A driver: accepts every APPEND unless told otherwise, reads a raw line after IDLE; notes what happens.
struct Driver {
    explicit Driver(ReaderLimits limits) : reader(limits) {}

    void feed(std::string_view bytes) {
        reader.feed(bytes);
        while (const std::optional<ReaderEvent> event = reader.next())
            std::visit([&](const auto& e) { note(e); }, *event);
    }

    void note(const CommandText& e) {
        events.push_back("command " + e.text);
        if (e.text.ends_with("IDLE")) reader.expect_line(10);
    }

    void note(const ContinuationWanted&) { events.emplace_back("+"); }

    void note(const AppendStarted& e) {
        events.push_back("append " + std::to_string(e.size) + (e.waiting ? " waiting " : " ") + e.text);
        octets.clear();
        if (refuse_appends)
            reader.append_refused();
        else
            reader.append_accepted();
    }

    void note(const NextMessageStarted& e) {
        events.push_back("message " + octets);
        events.push_back("next " + std::to_string(e.size) + (e.waiting ? " waiting" : "") + e.text);
        octets.clear();
        if (refuse_next)
            reader.append_refused();
        else
            reader.append_accepted();
    }

    void note(const AppendChunk& e) { octets += e.octets; }

    void note(const AppendFinished&) { events.push_back("message " + octets); }

    void note(const RawLine& e) { events.push_back("raw " + e.line); }

    void note(const Refused& e) { events.push_back("refused " + e.tag + "|" + e.code + "|" + e.text); }

    void note(const Abandoned& e) { events.push_back("abandoned " + e.text); }

    CommandReader reader;
    Events events;
    std::string octets;
    bool refuse_appends = false;
    bool refuse_next = false;
};

/// What the driver sees, which must be the same for every split.
Events events_of(std::string_view bytes, ReaderLimits limits = kLimits, bool refuse_appends = false) {
    Events whole;
    bool first = true;
    tegami::testing::for_every_split(bytes, [&](const std::vector<std::string_view>& pieces) {
        Driver driver(limits);
        driver.refuse_appends = refuse_appends;
        for (const std::string_view piece : pieces)
            driver.feed(piece);
        if (first) whole = driver.events;
        first = false;
        EXPECT_EQ(driver.events, whole);
    });
    return whole;
}

TEST(CommandReader, CutsPipelinedLines) {
    EXPECT_THAT(events_of("a1 NOOP\r\na2 CAPABILITY\r\nincomplete"),
                ElementsAre("command a1 NOOP", "command a2 CAPABILITY"));
}

TEST(CommandReader, TakesBareLineFeedsAndSkipsEmptyLines) {
    EXPECT_THAT(events_of("\r\na1 NOOP\n\n\r\na2 NOOP\r\n"), ElementsAre("command a1 NOOP", "command a2 NOOP"));
}

// RFC 3501 §7.5 shows this dialogue.
TEST(CommandReader, JoinsSynchronisingLiterals) {
    EXPECT_THAT(events_of("A001 LOGIN {11}\r\nFRED FOOBAR {7}\r\nfat man\r\n"),
                ElementsAre("+", "+", "command A001 LOGIN {11}\r\nFRED FOOBAR {7}\r\nfat man"));
}

TEST(CommandReader, NonSynchronisingLiteralsWantNoContinuation) {
    EXPECT_THAT(events_of("a LOGIN {4+}\r\nfred {0+}\r\n\r\nb NOOP\r\n"),
                ElementsAre("command a LOGIN {4+}\r\nfred {0+}\r\n", "command b NOOP"));
}

TEST(CommandReader, LiteralsMayHoldLineEndsAndMarkers) {
    EXPECT_THAT(events_of("a LOGIN {7+}\r\nx{9}\r\ny z\r\n"), ElementsAre("command a LOGIN {7+}\r\nx{9}\r\ny z"));
}

TEST(CommandReader, StreamsAppend) {
    EXPECT_THAT(
        events_of("A003 APPEND saved-messages (\\Seen) {6}\r\nab\r\ncd\r\nA4 NOOP\r\n"),
        ElementsAre("append 6 waiting A003 APPEND saved-messages (\\Seen) {6}", "message ab\r\ncd", "command A4 NOOP"));
    EXPECT_THAT(events_of("a append {5+}\r\nINBOX {3+}\r\nabc\r\n"),
                ElementsAre("append 3 a append {5+}\r\nINBOX {3+}", "message abc"));
    EXPECT_THAT(events_of("a APPEND INBOX {0+}\r\n\r\n"), ElementsAre("append 0 a APPEND INBOX {0+}", "message "));
}

// RFC 6855 §4: the message stands in parentheses.
TEST(CommandReader, StreamsUtf8Append) {
    EXPECT_THAT(events_of("a APPEND INBOX UTF8 (~{3+}\r\nabc)\r\nb NOOP\r\n"),
                ElementsAre("append 3 a APPEND INBOX UTF8 (~{3+}", "message abc", "command b NOOP"));
    EXPECT_THAT(events_of("a APPEND INBOX UTF8 (~{3+}\r\nabc\r\nb NOOP\r\n"),
                ElementsAre("append 3 a APPEND INBOX UTF8 (~{3+}", HasSubstr("refused a|"), "command b NOOP"));
}

TEST(CommandReader, RefusedAppendIsSkippedOrNeverSent) {
    EXPECT_THAT(events_of("a APPEND Nowhere {6+}\r\nab\r\ncd\r\nb NOOP\r\n", kLimits, true),
                ElementsAre("append 6 a APPEND Nowhere {6+}", "command b NOOP"));
    EXPECT_THAT(events_of("a APPEND Nowhere {6}\r\nb NOOP\r\n", kLimits, true),
                ElementsAre("append 6 waiting a APPEND Nowhere {6}", "command b NOOP"));
}

TEST(CommandReader, TooLargeMessageIsRefused) {
    EXPECT_THAT(events_of("a APPEND INBOX {1001}\r\nb NOOP\r\n"),
                ElementsAre(HasSubstr("refused a|TOOBIG|"), "command b NOOP"));
    EXPECT_THAT(events_of("a APPEND INBOX {1001+}\r\n" + std::string(1001, 'x') + "\r\nb NOOP\r\n"),
                ElementsAre(HasSubstr("refused a|TOOBIG|"), "command b NOOP"));
    EXPECT_THAT(events_of("a APPEND INBOX {134217729+}\r\nb NOOP\r\n"), ElementsAre(HasSubstr("abandoned ")));
    EXPECT_THAT(events_of("a APPEND INBOX {3}\r\n", ReaderLimits{.append_bytes_max = 0}),
                ElementsAre("refused a||Log in first"));
}

// RFC 3502 §6.3.11.
TEST(CommandReader, StreamsSeveralMessagesOfOneAppend) {
    EXPECT_THAT(events_of("a APPEND INBOX {3+}\r\nabc (\\Seen) {2}\r\nde UTF8 (~{1+}\r\nf)\r\nb NOOP\r\n"),
                ElementsAre("append 3 a APPEND INBOX {3+}", "message abc", "next 2 waiting (\\Seen) {2}", "message de",
                            "next 1 UTF8 (~{1+}", "message f", "command b NOOP"));
    // What is too large, or no message, ends the command.
    EXPECT_THAT(
        events_of("a APPEND INBOX {3+}\r\nabc {1001+}\r\n" + std::string(1001, 'x') + " {1+}\r\ny\r\nb NOOP\r\n"),
        ElementsAre("append 3 a APPEND INBOX {3+}", HasSubstr("refused a|TOOBIG|"), "command b NOOP"));
    EXPECT_THAT(events_of("a APPEND INBOX {3+}\r\nabc x\r\nb NOOP\r\n"),
                ElementsAre("append 3 a APPEND INBOX {3+}", HasSubstr("refused a|"), "command b NOOP"));
    EXPECT_THAT(events_of("a APPEND INBOX {3+}\r\nabcd {2+}\r\nef\r\nb NOOP\r\n"),
                ElementsAre("append 3 a APPEND INBOX {3+}", HasSubstr("refused a|"), "command b NOOP"));
}

TEST(CommandReader, RefusedNextMessageIsSkippedWithAllThatFollow) {
    const auto refused = [](std::string_view rest) {
        Driver dialogue(kLimits);
        dialogue.refuse_next = true;
        dialogue.feed("a APPEND INBOX {3+}\r\nabc" + std::string(rest));
        return dialogue.events;
    };
    EXPECT_THAT(refused(" {2+}\r\nde {2+}\r\nfg\r\nb NOOP\r\n"),
                ElementsAre("append 3 a APPEND INBOX {3+}", "message abc", "next 2 {2+}", "command b NOOP"));
    EXPECT_THAT(refused(" {2}\r\nb NOOP\r\n"),
                ElementsAre("append 3 a APPEND INBOX {3+}", "message abc", "next 2 waiting {2}", "command b NOOP"));
}

TEST(CommandReader, LongLinesAreSkippedWithTheirLiterals) {
    const std::string filler(100, 'x');
    EXPECT_THAT(events_of("a LOGIN " + filler + "\r\nb NOOP\r\n"),
                ElementsAre("refused a||Command line too long", "command b NOOP"));
    EXPECT_THAT(events_of("a LOGIN " + filler + " {3+}\r\n\r\nx y\r\nb NOOP\r\n"),
                ElementsAre("refused a||Command line too long", "command b NOOP"));
    EXPECT_THAT(events_of("a LOGIN " + filler + " {3}\r\nb NOOP\r\n"),
                ElementsAre("refused a||Command line too long", "command b NOOP"));
    EXPECT_THAT(events_of(filler + filler + "\r\nb NOOP\r\n"),
                ElementsAre("refused ||Command line too long", "command b NOOP"));
}

TEST(CommandReader, LineLimitIsExact) {
    const std::string line = "a " + std::string(58, 'x');
    EXPECT_THAT(events_of(line + "\r\n"), ElementsAre("command " + line));
    EXPECT_THAT(events_of(line + "\n"), ElementsAre("command " + line));
    EXPECT_THAT(events_of(line + "x\r\n"), ElementsAre("refused a||Command line too long"));
    EXPECT_THAT(events_of(line + "x\n"), ElementsAre("refused a||Command line too long"));
}

TEST(CommandReader, LiteralLimits) {
    EXPECT_THAT(events_of("a LOGIN {21}\r\nb NOOP\r\n"),
                ElementsAre("refused a||Literals too large for this command", "command b NOOP"));
    EXPECT_THAT(events_of("a LOGIN {21+}\r\n" + std::string(21, 'x') + " y\r\nb NOOP\r\n"),
                ElementsAre("refused a||Literals too large for this command", "command b NOOP"));
    EXPECT_THAT(events_of("a LOGIN {11+}\r\n01234567890 {10}\r\nb NOOP\r\n"),
                ElementsAre("refused a||Literals too large for this command", "command b NOOP"));
    EXPECT_THAT(events_of("a X {0+}\r\n {0+}\r\n {0+}\r\n {0+}\r\n\r\nb NOOP\r\n"),
                ElementsAre("refused a||Too many literals in one command", "command b NOOP"));
    EXPECT_THAT(events_of("a X {99999999999999999999}\r\nb NOOP\r\n"), ElementsAre("abandoned Literal too large"));
}

TEST(CommandReader, BracesThatAreNoLiteralStay) {
    EXPECT_THAT(events_of("a X {}\r\nb X {+}\r\nc X {1x}\r\nd X 1}\r\n"),
                ElementsAre("command a X {}", "command b X {+}", "command c X {1x}", "command d X 1}"));
}

TEST(CommandReader, ReadsRawLinesWhenAsked) {
    EXPECT_THAT(events_of("a IDLE\r\nDONE\r\nb NOOP\r\n"), ElementsAre("command a IDLE", "raw DONE", "command b NOOP"));
    EXPECT_THAT(events_of("a IDLE\r\n{5+}\r\nb NOOP\r\n"), ElementsAre("command a IDLE", "raw {5+}", "command b NOOP"));
    EXPECT_THAT(events_of("a IDLE\r\n0123456789x{5+}\r\nb NOOP\r\n"),
                ElementsAre("command a IDLE", "refused ||Line too long", "command b NOOP"));
}

// RFC 9051 §6.2.1: what came before the TLS handshake must not be read after it.
TEST(CommandReader, DiscardsInjectedCommands) {
    CommandReader reader(kLimits);
    reader.feed("a STARTTLS\r\nb LOGIN evil evil\r\n");
    EXPECT_TRUE(reader.next().has_value());
    EXPECT_TRUE(reader.has_input());
    EXPECT_TRUE(reader.discard_input());
    EXPECT_FALSE(reader.next().has_value());
    EXPECT_FALSE(reader.discard_input());
}

TEST(CommandReader, WaitsForTheDecisionOnAppend) {
    CommandReader reader(kLimits);
    reader.feed("a APPEND INBOX {2+}\r\nxy\r\n");
    EXPECT_TRUE(std::holds_alternative<AppendStarted>(*reader.next()));
    EXPECT_FALSE(reader.next().has_value());
    reader.append_accepted();
    EXPECT_EQ(std::get<AppendChunk>(*reader.next()).octets, "xy");
    EXPECT_TRUE(std::holds_alternative<AppendFinished>(*reader.next()));
}

TEST(CommandReader, LargeMessageKeepsNoMemory) {
    CommandReader reader(ReaderLimits{.append_bytes_max = 100'000'000});
    reader.feed("a APPEND INBOX {50000000}\r\n");
    EXPECT_TRUE(std::get<AppendStarted>(*reader.next()).waiting);
    reader.append_accepted();
    const std::string piece(65536, 'x');
    std::uint64_t received = 0;
    while (received < 50'000'000) {
        reader.feed(std::string_view(piece).substr(0, 50'000'000 - received));
        const std::optional<ReaderEvent> event = reader.next();
        received += std::get<AppendChunk>(*event).octets.size();
        EXPECT_FALSE(reader.next().has_value());
        EXPECT_FALSE(reader.has_input());
    }
    reader.feed("\r\n");
    EXPECT_TRUE(std::holds_alternative<AppendFinished>(*reader.next()));
}

TEST(CommandReader, EndlessSkippingEnds) {
    CommandReader reader(kLimits);
    const std::string piece(1 << 20, 'x');
    std::optional<ReaderEvent> event;
    for (int n = 0; n < 200 && !event; ++n) {
        reader.feed(piece);
        event = reader.next();
    }
    ASSERT_TRUE(event.has_value());
    EXPECT_TRUE(std::holds_alternative<Abandoned>(*event));
    reader.feed("a NOOP\r\n");
    EXPECT_FALSE(reader.next().has_value());
}

} // namespace
} // namespace tegami::imap
