// IMAP and JMAP at the same account at once, by chance: whatever is done over either, both show the same mailboxes, emails, keywords and
// threads, and who follows the changes from any state before knows what is there now (RFC 8620 §5.2, RFC 8474).
#include "base/ascii.h"
#include "service/imapd/service.h"
#include "service/jmapd/jmapd_fixture.h"
#include "testing/turns.h"

#include <fmt/format.h>

#include <map>
#include <set>

namespace tegami::jmapd::testing {
namespace {

constexpr std::uint64_t kCases = 30;
constexpr int kStepsOfCase = 60;
/// Steps between two states that are remembered.
constexpr int kStepsOfState = 6;

using Names = std::set<std::string>;

/// An email as both faces should show it.
struct Shown {
    Names mailboxes; ///< ids
    Names keywords;
    std::string thread;

    bool operator==(const Shown&) const = default;

    friend void PrintTo(const Shown& shown, std::ostream* out) {
        *out << fmt::format("in {} with {} of {}", fmt::join(shown.mailboxes, ","), fmt::join(shown.keywords, ","),
                            shown.thread);
    }
};

using Objects = std::map<std::string, json::value>;

/// What a client knew once, by type.
struct Remembered {
    std::map<std::string, std::string> states;
    std::map<std::string, Objects> objects;
};

class BothFaces : public JmapTest {
protected:
    BothFaces() : JmapTest(wide_limits()) {
        imap_ = {.store = &store_,
                 .journeys = &journeys_,
                 .authenticator = authenticator_.get(),
                 .shares = &shares_,
                 .tls = nullptr,
                 .memory = &memory_,
                 .workers = &workers_,
                 .timers = &time_,
                 .random = &time_.random(),
                 .log = &log_,
                 .host_name = "mail.b.test",
                 .limits = {}};
        listen(143, [this](std::unique_ptr<net::Stream> stream) {
            return imapd::serve_imap(&imap_, std::move(stream),
                                     {.tls = net::TlsMode::none, .password_without_tls = true});
        });
    }

    static Limits wide_limits() {
        Limits limits = small_limits();
        limits.request = {.size_bytes = 1'000'000, .calls = 8, .objects_in_get = 5000, .objects_in_set = 100};
        limits.upload_bytes_per_hour = limits.copied_bytes_per_hour = 1'000'000'000;
        return limits;
    }

    void begin(std::uint64_t seed) {
        chance_ = std::make_unique<SeededRandom>(seed);
        stream_ = run(client().connect({kServer, 143}, {})).value();
        EXPECT_TRUE(run(hear_until(stream_.get(), "* OK ")).contains("* OK"));
        imap(fmt::format("LOGIN anna@b.test {}", kPassword));
        imap("ENABLE IMAP4rev2");
    }

    std::uint64_t below(std::uint64_t bound) { return chance_->below(bound); }

    template <class T>
    const T& one_of(const std::vector<T>& all) {
        return all.at(below(all.size()));
    }

    /// All that is answered to a command, its tagged line at the end.
    std::string imap(const std::string& command) {
        const std::string tag = fmt::format("a{}", ++tags_);
        EXPECT_TRUE(run(stream_->write_all(tag + " " + command + "\r\n")));
        const std::string heard = run(hear_until(stream_.get(), "\r\n" + tag + " "));
        EXPECT_FALSE(heard.contains(tag + " BAD")) << command << "\n" << heard;
        return heard;
    }

    static async::Awaitable<std::string> hear_until(net::Stream* stream, std::string mark) {
        std::string heard("\r\n");
        for (;;) {
            const std::size_t at = heard.find(mark);
            if (at != std::string::npos && heard.find("\r\n", at + mark.size()) != std::string::npos) co_return heard;
            std::string buffer(65536, '\0');
            const auto got = co_await stream->read_some(buffer.data(), buffer.size());
            if (!got) co_return heard + mark + "closed";
            heard.append(buffer, 0, *got);
        }
    }

    // What both faces show.

    /// By their ids, the names of what can be selected, as IMAP has them.
    std::map<std::string, std::string> imap_mailboxes() {
        std::map<std::string, std::string> mailboxes;
        for (const std::string_view line : ascii::split(imap(R"(LIST "" "*")"), '\n')) {
            if (!line.starts_with("* LIST") || line.contains("\\NonExistent") || line.contains("\\Noselect")) continue;
            const std::string name = unquoted(ascii::trim(line.substr(line.find(R"("/")") + 4)));
            mailboxes[between(imap(fmt::format(R"(STATUS "{}" (MAILBOXID))", name)), "MAILBOXID (", ")")] = name;
        }
        return mailboxes;
    }

    static std::string unquoted(std::string_view text) {
        if (text.starts_with('"')) text = text.substr(1, text.size() - 2);
        return std::string(text);
    }

    static std::string between(std::string_view text, std::string_view before, std::string_view after) {
        const std::size_t at = text.find(before);
        if (at == std::string_view::npos) return {};
        const std::string_view rest = text.substr(at + before.size());
        return std::string(rest.substr(0, rest.find(after)));
    }

    /// The same of JMAP, from the levels of their names.
    static std::map<std::string, std::string> jmap_mailboxes(const Objects& objects) {
        std::map<std::string, std::string> mailboxes;
        for (const auto& [id, object] : objects) {
            if (object.at("myRights").at("mayReadItems") == false) continue; // a name that only holds others
            std::string name(object.at("name").as_string());
            for (const json::value* at = &object; !at->at("parentId").is_null();) {
                at = &objects.at(std::string(at->at("parentId").as_string()));
                name = std::string(at->at("name").as_string()) + "/" + name;
            }
            mailboxes[id] = name == "Inbox" ? "INBOX" : name;
        }
        return mailboxes;
    }

    /// Emails as IMAP's messages make them (decision 17).
    std::map<std::string, Shown> imap_emails(const std::map<std::string, std::string>& mailboxes) {
        struct Sum {
            Shown shown;
            bool all_seen = true;
        };

        std::map<std::string, Sum> sums;
        for (const auto& [id, name] : mailboxes) {
            imap(fmt::format(R"(EXAMINE "{}")", name));
            for (const std::string_view line : ascii::split(imap("UID FETCH 1:* (FLAGS EMAILID THREADID)"), '\n')) {
                if (!line.contains(" FETCH (")) continue;
                const std::string flags = between(line, "FLAGS (", ")");
                if (flags.contains("\\Deleted")) continue;
                Sum& sum = sums[between(line, "EMAILID (", ")")];
                sum.shown.mailboxes.insert(id);
                sum.shown.thread = between(line, "THREADID (", ")");
                sum.all_seen = sum.all_seen && flags.contains("\\Seen");
                for (const std::string_view flag : ascii::split(flags, ' '))
                    if (!flag.empty() && flag != "\\Seen" && flag != "\\Recent")
                        sum.shown.keywords.insert(flag.starts_with('\\') ? "$" + ascii::lower(flag.substr(1))
                                                                         : ascii::lower(flag));
            }
        }
        std::map<std::string, Shown> emails;
        for (auto& [id, sum] : sums) {
            if (sum.all_seen) sum.shown.keywords.insert("$seen");
            emails[id] = std::move(sum.shown);
        }
        return emails;
    }

    static std::map<std::string, Shown> jmap_emails(const Objects& objects) {
        std::map<std::string, Shown> emails;
        for (const auto& [id, object] : objects) {
            Shown& shown = emails[id];
            for (const auto& [mailbox, yes] : object.at("mailboxIds").as_object())
                shown.mailboxes.emplace(mailbox);
            for (const auto& [keyword, yes] : object.at("keywords").as_object())
                shown.keywords.emplace(keyword);
            shown.thread = object.at("threadId").as_string();
        }
        return emails;
    }

    /// All objects of a type, and its state.
    std::pair<std::string, Objects> get_all(std::string_view type) {
        std::string properties;
        std::string ids;
        if (type == "Email") {
            properties = ",'properties':['mailboxIds','keywords','threadId']";
            std::vector<std::string> all;
            const json::value found = one("Email/query", "'limit':5000");
            for (const json::value& id : found.at("ids").as_array())
                all.push_back(fmt::format("'{}'", std::string_view(id.as_string())));
            ids = fmt::format("'ids':[{}]", fmt::join(all, ","));
        }
        const json::value answer = one(fmt::format("{}/get", type), ids + (ids.empty() ? "" : properties));
        Objects objects;
        for (const json::value& object : answer.at("list").as_array())
            objects[std::string(object.at("id").as_string())] = object;
        return {std::string(answer.at("state").as_string()), std::move(objects)};
    }

    Remembered look() {
        Remembered now;
        for (const char* const type : {"Mailbox", "Email", "Thread"})
            std::tie(now.states[type], now.objects[type]) = get_all(type);
        return now;
    }

    /// Follows the changes of a type as a client does, some at a time.
    void follow(const Remembered& before, const Remembered& now, const std::string& type) {
        Names known;
        for (const auto& [id, object] : before.objects.at(type))
            known.insert(id);
        Names touched;
        std::string state = before.states.at(type);
        for (bool more = true; more;) {
            const std::uint64_t most = below(8);
            const json::value changes =
                one(type + "/changes",
                    fmt::format("'sinceState':'{}'{}", state, most == 0 ? "" : fmt::format(",'maxChanges':{}", most)));
            ASSERT_TRUE(changes.is_object()) << changes;
            for (const json::value& id : changes.at("created").as_array()) {
                known.emplace(id.as_string());
                touched.emplace(id.as_string());
            }
            for (const json::value& id : changes.at("updated").as_array())
                touched.emplace(id.as_string());
            for (const json::value& id : changes.at("destroyed").as_array())
                known.erase(std::string(id.as_string()));
            more = changes.at("hasMoreChanges").as_bool();
            ASSERT_FALSE(more && changes.at("newState").as_string() == state) << "no end to the changes of " << type;
            state = changes.at("newState").as_string();
        }
        Names there;
        for (const auto& [id, object] : now.objects.at(type)) {
            there.insert(id);
            const auto old = before.objects.at(type).find(id);
            const bool same = old != before.objects.at(type).end() && old->second == object;
            EXPECT_TRUE(same || touched.contains(id)) << type << " " << id << " is now " << object;
        }
        EXPECT_EQ(known, there) << type << " from " << before.states.at(type);
    }

    // What is done.

    std::string some_name() { return one_of(names_); }

    /// A set of messages of the selected mailbox.
    std::string some_messages() { return one_of<std::string>({"1:*", "*", "1", "2:3", "1:4"}); }

    std::string letter() {
        const int number = ++letters_;
        std::string octets =
            fmt::format("Message-ID: <{}@x>\r\nSubject: {}\r\n", number, below(3) == 0 ? "plans" : "more");
        if (number > 1 && below(2) == 0) octets += fmt::format("In-Reply-To: <{}@x>\r\n", 1 + below(letters_ - 1));
        return octets + "\r\nText\r\n";
    }

    void imap_step() {
        const std::string name = some_name();
        const std::vector<std::string> flags{"\\Seen",     "\\Flagged", "\\Deleted", "\\Answered",
                                             "$Forwarded", "work",      "Home"};
        switch (below(11)) {
        case 0: imap(fmt::format(R"(CREATE "{}")", name)); break;
        case 1: imap(fmt::format(R"(RENAME "{}" "{}")", name, some_name())); break;
        case 2: imap(fmt::format(R"(DELETE "{}")", name)); break;
        case 3:
        case 4: {
            const std::string octets = letter();
            imap(fmt::format("APPEND \"{}\" ({}) {{{}+}}\r\n{}", below(2) == 0 ? "INBOX" : name,
                             below(2) == 0 ? "" : one_of(flags), octets.size(), octets));
            break;
        }
        default: {
            if (imap(fmt::format(R"(SELECT "{}")", below(2) == 0 ? "INBOX" : name)).contains(" NO ")) break;
            const std::string set = some_messages();
            switch (below(5)) {
            case 0: imap(fmt::format("UID STORE {} +FLAGS ({})", set, one_of(flags))); break;
            case 1: imap(fmt::format("UID STORE {} -FLAGS ({})", set, one_of(flags))); break;
            case 2: imap(fmt::format(R"(UID COPY {} "{}")", set, some_name())); break;
            case 3: imap(fmt::format(R"(UID MOVE {} "{}")", set, some_name())); break;
            default: imap("EXPUNGE"); break;
            }
            imap("UNSELECT");
        }
        }
    }

    void jmap_step() {
        const auto [mailbox_state, mailboxes] = get_all("Mailbox");
        const auto [email_state, emails] = get_all("Email");
        const auto some = [this](const Objects& objects) {
            auto at = objects.begin();
            std::advance(at, static_cast<std::ptrdiff_t>(below(objects.size())));
            return at->first;
        };
        const std::string mailbox = some(mailboxes);
        const std::string email = emails.empty() ? "M0" : some(emails);
        const std::string keyword = one_of<std::string>({"$seen", "$flagged", "$draft", "work", "$forwarded"});
        const auto name = [this] { return one_of<std::string>({"a", "b", "c", "d"}); };
        switch (below(9)) {
        case 0:
            one("Mailbox/set", fmt::format("'create':{{'k':{{'name':'{}','parentId':{}}}}}", name(),
                                           below(2) == 0 ? "null" : "'" + mailbox + "'"));
            break;
        case 1: one("Mailbox/set", fmt::format("'update':{{'{}':{{'name':'{}'}}}}", mailbox, name())); break;
        case 2:
            one("Mailbox/set", fmt::format("'update':{{'{}':{{'parentId':'{}'}}}}", mailbox, some(mailboxes)));
            break;
        case 3:
            one("Mailbox/set",
                fmt::format("'destroy':['{}'],'onDestroyRemoveEmails':{}", mailbox, below(2) == 0 ? "true" : "false"));
            break;
        case 4:
            one("Email/set",
                fmt::format("'update':{{'{}':{{'keywords/{}':{}}}}}", email, keyword, below(2) == 0 ? "true" : "null"));
            break;
        case 5:
            one("Email/set", fmt::format("'update':{{'{}':{{'mailboxIds/{}':{}}}}}", email, mailbox,
                                         below(2) == 0 ? "true" : "null"));
            break;
        case 6:
            one("Email/set", fmt::format("'update':{{'{}':{{'mailboxIds':{{'{}':true}},'keywords':{{'{}':true}}}}}}",
                                         email, mailbox, keyword));
            break;
        case 7: one("Email/set", fmt::format("'destroy':['{}']", email)); break;
        default: {
            if (emails.empty()) break;
            one("Email/import", fmt::format("'emails':{{'k':{{'blobId':'B{}','mailboxIds':{{'{}':true}}}}}}",
                                            email.substr(1), mailbox));
            break;
        }
        }
    }

    void compare(const Remembered& now) {
        const auto mailboxes = imap_mailboxes();
        EXPECT_EQ(mailboxes, jmap_mailboxes(now.objects.at("Mailbox")));
        EXPECT_EQ(imap_emails(mailboxes), jmap_emails(now.objects.at("Email")));
        std::map<std::string, Names> threads;
        for (const auto& [id, shown] : jmap_emails(now.objects.at("Email")))
            threads[shown.thread].insert(id);
        std::map<std::string, Names> told;
        for (const auto& [id, object] : now.objects.at("Thread"))
            for (const json::value& email : object.at("emailIds").as_array())
                told[id].emplace(email.as_string());
        EXPECT_EQ(threads, told);
    }

    imapd::Dependencies imap_{};
    std::unique_ptr<net::Stream> stream_;
    std::unique_ptr<SeededRandom> chance_;
    const std::vector<std::string> names_{"a", "b", "c", "a/b", "a/c", "b/a", "a/b/c", "Trash"};
    int tags_ = 0;
    int letters_ = 0;
};

class BothFacesCase : public BothFaces, public ::testing::WithParamInterface<std::uint64_t> {};

TEST_P(BothFacesCase, ShowTheSame) {
    if (!tegami::testing::is_due(GetParam(), kCases / 3)) return;
    begin(GetParam());
    std::vector<Remembered> before{look()};
    for (int step = 1; step <= kStepsOfCase; ++step) {
        if (below(2) == 0)
            imap_step();
        else
            jmap_step();
        if (step % kStepsOfState == 0) before.push_back(look());
        if (HasFailure()) return;
    }
    const Remembered now = look();
    compare(now);
    for (const Remembered& each : before)
        for (const char* const type : {"Mailbox", "Email", "Thread"})
            follow(each, now, type);
}

INSTANTIATE_TEST_SUITE_P(ByChance, BothFacesCase, ::testing::Range<std::uint64_t>(0, kCases));

} // namespace
} // namespace tegami::jmapd::testing
