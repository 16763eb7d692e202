#include "service/imapd/transcript.h"

#include "base/ascii.h"
#include "protocol/imap/sequence_set.h"
#include "service/imapd/test_server_fixture.h"
#include "testing/turns.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <regex>
#include <sstream>

namespace tegami::imapd::testing {

namespace {

std::string unescaped(std::string_view text) {
    std::string octets;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '\\' || at + 1 == text.size()) {
            octets.push_back(text[at]);
            continue;
        }
        switch (text[++at]) {
        case 'r': octets.push_back('\r'); break;
        case 'n': octets.push_back('\n'); break;
        case 'x':
            octets.push_back(static_cast<char>(ascii::hex_value(text[at + 1]) * 16 + ascii::hex_value(text[at + 2])));
            at += 2;
            break;
        default: octets.push_back(text[at]);
        }
    }
    return octets;
}

std::optional<Step> read_said(std::string_view rest) {
    if (rest.starts_with("| ")) return Step{.kind = Step::Kind::say, .text = unescaped(rest.substr(2))};
    if (rest.starts_with("* ")) {
        std::istringstream words{std::string(rest.substr(2))};
        int count = 0;
        std::string piece;
        words >> count >> piece;
        std::string octets;
        for (int at = 0; at < count; ++at)
            octets += piece;
        return Step{.kind = Step::Kind::say, .text = octets};
    }
    if (rest.starts_with(" ")) rest.remove_prefix(1);
    return Step{.kind = Step::Kind::say, .text = std::string(rest) + "\r\n"};
}

std::optional<Step> read_heard(std::string_view rest) {
    if (rest == "...") return Step{.kind = Step::Kind::skip};
    if (rest == "-") return Step{.kind = Step::Kind::silence};
    if (rest == "eof") return Step{.kind = Step::Kind::end};
    if (rest.starts_with("~ ")) return Step{.kind = Step::Kind::expect_match, .text = std::string(rest.substr(2))};
    if (rest.starts_with(" ")) return Step{.kind = Step::Kind::expect, .text = std::string(rest.substr(1))};
    return std::nullopt;
}

std::optional<Step> read_step(std::string_view line) {
    if (line.starts_with("given message "))
        return Step{.kind = Step::Kind::message, .text = std::string(line.substr(14))};
    if (line.starts_with("given ")) return Step{.kind = Step::Kind::given, .text = std::string(line.substr(6))};
    if (line.starts_with("time ")) return Step{.kind = Step::Kind::time, .text = std::string(line.substr(5))};
    if (line.starts_with("deliver ")) return Step{.kind = Step::Kind::deliver, .text = std::string(line.substr(8))};
    if (line.size() < 2 || !ascii::is_digit(line[0])) return std::nullopt;
    std::optional<Step> step;
    if (line.substr(1) == " close") step = Step{.kind = Step::Kind::close};
    if (line[1] == '>') step = read_said(line.substr(2));
    if (line[1] == '<') step = read_heard(line.substr(2));
    if (step) step->connection = line[0] - '0';
    return step;
}

std::chrono::seconds duration(const std::string& text) {
    const int number = std::stoi(text);
    return text.ends_with('m') ? std::chrono::minutes(number) : std::chrono::seconds(number);
}

std::string default_message(int number) {
    const std::string n = std::to_string(number);
    return "From: Sender " + n + " <s" + n + "@a.test>\r\nTo: user@b.test\r\nSubject: Message " + n +
           "\r\nDate: Mon, 02 Nov 2026 10:00:0" + std::to_string(number % 10) + " +0900\r\nMessage-ID: <m" + n +
           "@a.test>\r\n\r\nBody of message " + n + ".\r\n";
}

store::FlagChange flag_change(std::istringstream& words) {
    store::FlagChange change;
    std::string word;
    while (words >> word) {
        if (word == "\\Seen")
            change.flags = change.flags | store::Flags{store::Flag::seen};
        else if (word == "\\Deleted")
            change.flags = change.flags | store::Flags{store::Flag::deleted};
        else if (word == "\\Flagged")
            change.flags = change.flags | store::Flags{store::Flag::flagged};
        else if (word == "\\Answered")
            change.flags = change.flags | store::Flags{store::Flag::answered};
        else if (word == "\\Draft")
            change.flags = change.flags | store::Flags{store::Flag::draft};
        else
            change.keywords.push_back(word);
    }
    return change;
}

/// The parts of all `given` lines that decide how the server is made.
struct Setting {
    bool login = true;
    ListenerOptions listener{.tls = TlsMode::none, .password_without_tls = true};
};

std::vector<std::string> clauses(const std::string& text) {
    std::vector<std::string> found;
    for (const std::string_view clause : ascii::split(text, ';'))
        found.emplace_back(ascii::trim(clause));
    return found;
}

Setting setting_of(const Transcript& transcript) {
    Setting setting;
    for (const Step& step : transcript) {
        if (step.kind != Step::Kind::given) continue;
        for (const std::string& clause : clauses(step.text)) {
            if (clause == "no login") setting.login = false;
            if (clause == "listener starttls") setting.listener = {.tls = TlsMode::starttls};
        }
    }
    return setting;
}

class Runner {
public:
    Runner(const Transcript& transcript, bool strict)
        : transcript_(transcript), setting_(setting_of(transcript)), server_(setting_.listener), strict_(strict) {}

    TestServer& server() { return server_; }

    void set_up() {
        for (const Step& step : transcript_) {
            if (step.kind == Step::Kind::message) server_.deliver(step.text, step.body, ++delivered_);
            if (step.kind == Step::Kind::given)
                for (const std::string& clause : clauses(step.text))
                    arrange(clause);
        }
    }

    void run() {
        for (at_ = 0; at_ < transcript_.size(); ++at_) {
            perform(transcript_[at_]);
            calls_.push_back(server_.engine().calls(store::MemoryEngine::Call::any));
            if (::testing::Test::HasFatalFailure() || ::testing::Test::HasNonfatalFailure()) return;
        }
        if (!strict_) return;
        for (auto& [number, talk] : talks_)
            EXPECT_EQ(lines_left(talk), "") << "connection " << number << ": not expected, at the end";
    }

    /// After a run without expectations: every connection still answers, or is closed.
    void check_alive() {
        for (auto& [number, talk] : talks_) {
            // The first line may be taken for the end of something that was under way.
            server_.say(*talk.client, "\r\nzz0 NOOP\r\nzz1 NOOP\r\n");
            pass(std::chrono::seconds(60));
            const bool answered = talk.client->received.find("\r\nzz1 ") != std::string::npos;
            EXPECT_TRUE(answered || talk.client->closed)
                << "connection " << number << " hangs after: " << talk.client->received;
        }
    }

    /// Calls of the engine as of the end of each step.
    const std::vector<std::uint64_t>& calls() const { return calls_; }

    /// What was there before anything was said.
    void remember_set_up() { given_ = created_ = server_.messages(); }

    /// Those that were there before anything was said and are there now.
    std::set<StoredMessage> survivors() {
        std::set<StoredMessage> still = given_;
        const std::set<StoredMessage> now = server_.messages();
        std::erase_if(still, [&](const StoredMessage& message) { return !now.contains(message); });
        return still;
    }

    /// After a run without expectations: nothing is lost, and nothing is there that nobody was told of.
    void check_messages(const std::set<StoredMessage>& survivors) {
        for (auto& [number, talk] : talks_)
            add_acknowledged(talk.client->received);
        const std::set<StoredMessage> now = server_.messages();
        for (const StoredMessage& message : survivors)
            EXPECT_TRUE(now.contains(message)) << "lost: UID " << message.uid.value;
        if (!says({"EXPUNGE", "CLOSE", "MOVE", "DELETE", "RENAME"}))
            for (const StoredMessage& message : created_)
                EXPECT_TRUE(now.contains(message)) << "acknowledged and lost: UID " << message.uid.value;
        // Whoever hangs up may never hear of what was stored; RENAME of INBOX answers no UIDs.
        if (hangs_up() || says({"RENAME INBOX"})) return;
        for (const StoredMessage& message : now)
            EXPECT_TRUE(created_.contains(message)) << "nobody was told of UID " << message.uid.value;
    }

private:
    /// Notes the messages that APPENDUID and COPYUID name (RFC 9051 §7.1).
    void add_acknowledged(const std::string& received) {
        static const std::regex kCode(R"(\[(APPENDUID (\d+) ([\d:,]+)|COPYUID (\d+) [\d:,]+ ([\d:,]+))\])");
        for (std::sregex_iterator at(received.begin(), received.end(), kCode), end; at != end; ++at) {
            const bool append = (*at)[2].matched;
            const auto mailbox = static_cast<std::uint32_t>(std::stoul((*at)[append ? 2 : 4]));
            const auto uids = imap::SequenceSet::parse((*at)[append ? 3 : 5].str());
            ASSERT_TRUE(uids.has_value());
            for (const imap::NumberRange& range : uids->resolve(0))
                for (std::uint32_t uid = range.first; uid <= range.last; ++uid)
                    created_.insert({.mailbox = UidValidity(mailbox), .uid = Uid(uid)});
        }
    }

    bool says(std::initializer_list<std::string_view> words) const {
        return std::ranges::any_of(transcript_, [&](const Step& step) {
            return step.kind == Step::Kind::say && std::ranges::any_of(words, [&](std::string_view word) {
                       return ascii::upper(step.text).contains(word);
                   });
        });
    }

    bool hangs_up() const {
        return std::ranges::any_of(transcript_, [](const Step& step) { return step.kind == Step::Kind::close; });
    }

    struct Talk {
        Client* client = nullptr;
        std::string tag; ///< of the last line said
        /// The last values of UIDVALIDITY and HIGHESTMODSEQ that were looked at.
        std::map<std::string, std::string, std::less<>> values{{"UIDVALIDITY", "1"}, {"HIGHESTMODSEQ", "1"}};

        void remember(const std::string& text) {
            static const std::regex kValue(R"((UIDVALIDITY|HIGHESTMODSEQ) (\d+)\])");
            for (std::sregex_iterator at(text.begin(), text.end(), kValue), end; at != end; ++at)
                values[(*at)[1].str()] = (*at)[2].str();
        }
    };

    void arrange(const std::string& clause) {
        std::istringstream words(clause);
        std::string first;
        std::string second;
        words >> first >> second;
        if (first == "mailbox")
            server_.create_mailbox(second);
        else if (first == "account")
            server_.add_account(second);
        else if (first == "flags")
            server_.add_flags(mailbox_, static_cast<std::uint32_t>(std::stoul(second)), flag_change(words));
        else if (clause == "no login" || first == "listener")
            return;
        else if (first == "append" && second == "messages")
            server_.limits().append_messages_max = std::stoul(clause.substr(clause.rfind(' ')));
        else if (first == "append")
            server_.options().append_bytes_max = std::stoul(clause.substr(clause.rfind(' ')));
        else {
            mailbox_ = first;
            std::vector<std::string> letters;
            for (int number = 1; number <= std::stoi(second); ++number)
                letters.push_back(default_message(number));
            server_.deliver_many(first, std::move(letters), delivered_ + 1);
            delivered_ += std::stoi(second);
        }
    }

    void perform(const Step& step) {
        switch (step.kind) {
        case Step::Kind::given:
        case Step::Kind::message: return;
        case Step::Kind::time: pass(duration(step.text)); return;
        case Step::Kind::deliver: deliver(step.text); return;
        case Step::Kind::say: say(talk(step.connection), step); return;
        case Step::Kind::close: talk(step.connection).client->stream->close(); return;
        default: break;
        }
        if (strict_)
            check(talk(step.connection), step);
        else
            pass(std::chrono::milliseconds(50));
    }

    /// "NAME", or "NAME COUNT".
    void deliver(const std::string& what) {
        std::istringstream words(what);
        std::string mailbox;
        int count = 1;
        words >> mailbox >> count;
        std::vector<std::string> letters;
        const int first = delivered_ + 1;
        for (int number = 0; number < (words ? count : 1); ++number)
            letters.push_back(default_message(++delivered_));
        try {
            for (const StoredMessage& stored : server_.deliver_many(mailbox, std::move(letters), first))
                created_.insert(stored);
        } catch (const std::runtime_error&) {
            // The failure that is injected may hit the delivery.
            if (strict_) throw;
        }
    }

    Talk& talk(int connection) {
        Talk& talk = talks_[connection];
        if (talk.client) return talk;
        talk.client = &server_.connect();
        if (!setting_.login) return talk;
        server_.say(*talk.client, "login LOGIN user@b.test secret\r\n");
        pass(std::chrono::milliseconds(50));
        if (strict_) EXPECT_NE(talk.client->received.find("login OK"), std::string::npos) << talk.client->received;
        talk.client->received.clear();
        return talk;
    }

    void say(Talk& talk, const Step& step) {
        if (strict_) ASSERT_EQ(lines_left(talk), "") << "line " << step.line << ": not expected before this";
        talk.tag = step.text.substr(0, step.text.find_first_of(" \r"));
        if (!strict_) talk.remember(talk.client->received);
        std::string text = step.text;
        for (const auto& [name, value] : talk.values)
            if (const std::size_t at = text.find("@" + name); at != std::string::npos)
                text.replace(at, name.size() + 1, value);
        server_.say(*talk.client, text);
        pass(std::chrono::milliseconds(5));
    }

    void check(Talk& talk, const Step& step) {
        if (step.kind == Step::Kind::skip) {
            skip(talk, step);
        } else if (step.kind == Step::Kind::silence) {
            pass(std::chrono::milliseconds(500));
            ASSERT_EQ(talk.client->received, "") << "line " << step.line;
        } else if (step.kind == Step::Kind::end) {
            for (int tries = 0; tries < 100 && !talk.client->closed; ++tries)
                pass(std::chrono::milliseconds(100));
            ASSERT_TRUE(talk.client->closed) << "line " << step.line << ": the server has not closed";
            ASSERT_EQ(talk.client->received, "") << "line " << step.line;
        } else {
            const std::optional<std::string> line = next_line(talk);
            ASSERT_TRUE(line) << "line " << step.line << ": "
                              << (talk.client->closed ? "the server has closed" : "nothing comes") << "; expected "
                              << step.text;
            ASSERT_TRUE(fits(*line, step))
                << "line " << step.line << ": expected " << step.text << "\n  but it is " << *line;
        }
    }

    void skip(Talk& talk, const Step& step) {
        const Step* next = at_ + 1 < transcript_.size() ? &transcript_[at_ + 1] : nullptr;
        const bool expects = next && next->connection == step.connection &&
                             (next->kind == Step::Kind::expect || next->kind == Step::Kind::expect_match);
        while (true) {
            const std::optional<std::string> line = next_line(talk);
            ASSERT_TRUE(line) << "line " << step.line << ": what is waited for does not come";
            if (expects && fits(*line, *next)) {
                talk.client->received = *line + "\r\n" + talk.client->received;
                return;
            }
            if (expects || !line->starts_with(talk.tag + " ")) continue;
            ASSERT_TRUE(line->starts_with(talk.tag + " OK")) << "line " << step.line << ": " << *line;
            return;
        }
    }

    static bool fits(const std::string& line, const Step& step) {
        if (step.kind == Step::Kind::expect) return line == step.text;
        return std::regex_match(line, std::regex(step.text));
    }

    std::optional<std::string> next_line(Talk& talk) {
        std::string& received = talk.client->received;
        for (int tries = 0; tries < 600; ++tries) {
            if (const std::size_t end = received.find("\r\n"); end != std::string::npos) {
                std::string line = received.substr(0, end);
                received.erase(0, end + 2);
                talk.remember(line);
                return line;
            }
            if (talk.client->closed) return std::nullopt;
            pass(std::chrono::milliseconds(tries < 100 ? 1 : 100));
        }
        return std::nullopt;
    }

    std::string lines_left(const Talk& talk) { return talk.client->received; }

    void pass(Duration duration) { server_.time().run_for(duration); }

    const Transcript& transcript_;
    Setting setting_;
    TestServer server_;
    bool strict_;
    std::size_t at_ = 0;
    int delivered_ = 0;
    std::string mailbox_;
    std::map<int, Talk> talks_;
    std::vector<std::uint64_t> calls_;
    std::set<StoredMessage> given_;   ///< before anything was said
    std::set<StoredMessage> created_; ///< what somebody knows to be stored
};

std::vector<std::string> transcript_files() {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(TEGAMI_TRANSCRIPTS))
        if (entry.path().extension() == ".txt") files.push_back(entry.path().string());
    std::ranges::sort(files);
    return files;
}

/// How many runs of the tests have done all.
constexpr std::uint64_t kOneIn = 15;

/// Every call of every step that is due in this run. A step with many does the same again and again: its first and last
/// ones stand for all.
std::vector<std::uint64_t> calls_to_fail(const std::vector<std::uint64_t>& ends) {
    constexpr std::uint64_t kVeryMany = 30;
    constexpr std::uint64_t kEachEnd = 5;
    std::vector<std::uint64_t> calls;
    std::uint64_t begin = 0;
    for (const std::uint64_t end : ends) {
        for (std::uint64_t nth = begin + 1; nth <= end; ++nth)
            if (tegami::testing::is_due(nth, kOneIn) &&
                (end - begin <= kVeryMany || nth <= begin + kEachEnd || nth + kEachEnd > end))
                calls.push_back(nth);
        begin = end;
    }
    return calls;
}

/// How the call fails: each call in one of two ways.
store::ErrorCode code_for(std::uint64_t nth) {
    return (nth + tegami::testing::chance().value_or(0) / kOneIn) % 2 == 0 ? store::ErrorCode::unavailable
                                                                           : store::ErrorCode::conflict;
}

class TranscriptTest : public ::testing::TestWithParam<std::string> {};

TEST_P(TranscriptTest, Holds) {
    const Transcript transcript = read_transcript(GetParam());
    ASSERT_FALSE(HasFailure());
    run_transcript(transcript);
}

TEST_P(TranscriptTest, SurvivesEveryStoreFailure) {
    const Transcript transcript = read_transcript(GetParam());
    const FailureRun whole = run_with_failure(transcript, 0, {}, {});
    for (const std::uint64_t nth : calls_to_fail(whole.calls)) {
        const store::ErrorCode code = code_for(nth);
        SCOPED_TRACE("store call " + std::to_string(nth) + " fails: " + std::to_string(static_cast<int>(code)));
        run_with_failure(transcript, nth, code, whole.survivors);
        if (HasFailure()) return;
    }
}

INSTANTIATE_TEST_SUITE_P(Transcripts, TranscriptTest, ::testing::ValuesIn(transcript_files()),
                         [](const auto& info) { return std::filesystem::path(info.param).stem().string(); });

} // namespace

Transcript read_transcript(const std::string& path) {
    Transcript transcript;
    std::ifstream file(path);
    std::string line;
    int number = 0;
    while (std::getline(file, line)) {
        ++number;
        if (number == 1 && !line.starts_with("# RFC ") && !line.starts_with("# Interop: "))
            ADD_FAILURE() << path << ": the first line names the standard";
        if (line.empty() || line.starts_with("#")) continue;
        if (line == "|" || line.starts_with("| ")) {
            transcript.back().body += line.substr(std::min<std::size_t>(2, line.size())) + "\r\n";
            continue;
        }
        std::optional<Step> step = read_step(line);
        if (!step) {
            ADD_FAILURE() << path << ":" << number << ": not a step: " << line;
            continue;
        }
        step->line = number;
        transcript.push_back(*std::move(step));
    }
    return transcript;
}

void run_transcript(const Transcript& transcript) {
    Runner runner(transcript, true);
    runner.set_up();
    runner.run();
}

FailureRun run_with_failure(const Transcript& transcript, std::uint64_t nth, store::ErrorCode code,
                            const std::set<StoredMessage>& survivors) {
    using Call = store::MemoryEngine::Call;
    Runner runner(transcript, false);
    store::MemoryEngine& engine = runner.server().engine();
    runner.set_up();
    runner.remember_set_up();
    const std::uint64_t before = engine.calls(Call::any);
    if (nth != 0) engine.fail(Call::any, nth, code);
    runner.run();
    engine.clear_failures();
    runner.check_alive();
    runner.check_messages(survivors);
    FailureRun found{.survivors = runner.survivors()};
    for (const std::uint64_t calls : runner.calls())
        found.calls.push_back(calls - before);
    return found;
}

} // namespace tegami::imapd::testing
