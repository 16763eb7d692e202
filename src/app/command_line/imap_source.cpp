#include "app/command_line/imap_source.h"

#include "base/ascii.h"
#include "message/card.h"
#include "message/utf8.h"
#include "transfer/imap_mailboxes.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <unordered_map>

namespace tegami::app {

namespace {

using transfer::ImapFetched;
using transfer::ImapResponse;
using transfer::ImapResponseReader;
using transfer::ImapStatus;

/// Limit: mailboxes of an account.
constexpr std::size_t kImapMailboxesMax = 100'000;
/// Limit: messages of a mailbox.
constexpr std::size_t kImapMessagesMax = 20'000'000;
/// What one command asks for.
constexpr std::size_t kImapBatchMessages = 200;
constexpr std::uint64_t kImapBatchBytes = std::uint64_t{4} << 20;
constexpr std::size_t kImapHeadersBatch = 1000;
/// Commands that are on their way.
constexpr std::size_t kImapAhead = 2;
constexpr std::size_t kImapStatusAhead = 50;

struct RemoteMessage {
    std::uint32_t uid = 0;
    std::uint64_t bytes = 0; ///< as the server counts them
};

std::vector<std::uint32_t> uids_of(const std::vector<RemoteMessage>& messages) {
    std::vector<std::uint32_t> uids;
    for (const RemoteMessage& each : messages)
        uids.push_back(each.uid);
    std::ranges::sort(uids);
    return uids;
}

class ImapFolderReader final : public MailFolderReader {
public:
    ImapFolderReader(ImapConnection& connection, const MailFolder& folder, std::string host)
        : connection_(connection), wire_name_(folder.path.string()),
          place_(fmt::format("{}, {}", host, folder.mailbox)) {
        filling_.begin(&message_);
    }

    void pass_over(Unwanted unwanted) override { unwanted_ = std::move(unwanted); }

    std::optional<SourceMessage> next() override {
        if (!std::exchange(opened_, true))
            if (const auto problem = open(); !problem.empty()) return without(place_, problem);
        for (;;) {
            if (!broken_.empty()) return std::nullopt;
            if (lost_uid_ != 0) return without(name_of(std::exchange(lost_uid_, 0)), lost_reason_);
            if (!ask_ahead() || asked_.empty()) return std::nullopt;
            auto message = take_event();
            if (message) return message;
        }
    }

private:
    /// A command for the octets of messages.
    struct Asked {
        std::string tag;
        std::unordered_map<std::uint32_t, std::uint64_t> messages; ///< by UID, what has not come
        bool is_alone = false;
    };

    std::string name_of(std::uint32_t uid) const { return fmt::format("{}, UID {}", place_, uid); }

    static SourceMessage without(std::string name, std::string problem) {
        SourceMessage message;
        message.name = std::move(name);
        message.problem = std::move(problem);
        return message;
    }

    /// False: it is broken.
    bool keep_going(const Result<ImapStatus, std::string>& answer) {
        if (!answer) broken_ = answer.error();
        return answer.has_value();
    }

    /// Why this mailbox cannot be read, if so.
    std::string open() {
        const auto quoted = transfer::quoted_for_imap(wire_name_);
        if (!quoted) return "its name cannot be sent";
        std::uint32_t exists = 0;
        const auto opened = connection_.run("EXAMINE " + *quoted, [&](ImapResponse&& response) {
            if (const auto* const found = std::get_if<transfer::ImapExists>(&response)) exists = found->messages;
        });
        if (!keep_going(opened)) return {};
        if (opened->kind != ImapStatus::Kind::ok) return words_of(*opened);
        if (exists == 0) return {};
        const auto listed = connection_.run("FETCH 1:* (UID RFC822.SIZE)", [&](ImapResponse&& response) {
            const auto* const found = std::get_if<ImapFetched>(&response);
            if (found && found->uid != 0 && wanted_.size() < kImapMessagesMax)
                wanted_.push_back({found->uid, found->bytes.value_or(0)});
        });
        if (!keep_going(listed)) return {};
        if (listed->kind != ImapStatus::Kind::ok && wanted_.empty()) return words_of(*listed);
        std::ranges::sort(wanted_, {}, &RemoteMessage::uid);
        const auto same = std::ranges::unique(wanted_, {}, &RemoteMessage::uid);
        wanted_.erase(same.begin(), same.end());
        if (unwanted_) leave_out_known();
        return {};
    }

    /// Asks for what fingerprints are made of, and keeps in `wanted_` what is not there yet.
    void leave_out_known() {
        const std::deque<RemoteMessage> all = std::exchange(wanted_, {});
        std::deque<std::pair<std::string, std::vector<RemoteMessage>>> asked;
        for (std::size_t at = 0; at < all.size() || !asked.empty();) {
            while (at < all.size() && asked.size() < kImapAhead) {
                const std::size_t end = std::min(at + kImapHeadersBatch, all.size());
                std::vector<RemoteMessage> some(all.begin() + static_cast<std::ptrdiff_t>(at),
                                                all.begin() + static_cast<std::ptrdiff_t>(end));
                const auto tag = connection_.send(
                    fmt::format("UID FETCH {} (UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID DATE SUBJECT)])",
                                transfer::print_imap_set(uids_of(some))));
                if (!tag) {
                    broken_ = tag.error();
                    return;
                }
                asked.emplace_back(*tag, std::move(some));
                at = end;
            }
            std::unordered_map<std::uint32_t, std::uint64_t> known; // UID, octets
            const auto answer = connection_.finish(asked.front().first, [&](ImapResponse&& response) {
                const auto* const found = std::get_if<ImapFetched>(&response);
                if (!found || found->uid == 0 || !found->bytes || found->header.empty()) return;
                const auto card = message::make_card(message::parse_structure(found->header));
                if (known.size() < kImapHeadersBatch && !known.contains(found->uid) &&
                    unwanted_(transfer::fingerprint(*found->bytes, card)))
                    known.emplace(found->uid, *found->bytes);
            });
            if (!keep_going(answer)) return;
            for (const RemoteMessage& each : asked.front().second)
                if (const auto found = known.find(each.uid); found == known.end())
                    wanted_.push_back(each);
                else
                    bytes_read_ += each.bytes;
            asked.pop_front();
        }
    }

    /// False: it is broken.
    bool ask_ahead() {
        while (asked_.size() < kImapAhead && (!wanted_.empty() || !once_more_.empty())) {
            Asked asked;
            std::vector<RemoteMessage> some;
            if (!once_more_.empty()) {
                some.push_back(once_more_.front());
                once_more_.pop_front();
                asked.is_alone = true;
            }
            for (std::uint64_t bytes = 0; !asked.is_alone && !wanted_.empty() && some.size() < kImapBatchMessages &&
                                          (some.empty() || bytes + wanted_.front().bytes <= kImapBatchBytes);) {
                bytes += wanted_.front().bytes;
                some.push_back(wanted_.front());
                wanted_.pop_front();
            }
            for (const RemoteMessage& each : some)
                asked.messages.emplace(each.uid, each.bytes);
            auto tag = connection_.send(fmt::format("UID FETCH {} (UID FLAGS INTERNALDATE BODY.PEEK[])",
                                                    transfer::print_imap_set(uids_of(some))));
            if (!tag) {
                broken_ = tag.error();
                return false;
            }
            asked.tag = *std::move(tag);
            asked_.push_back(std::move(asked));
        }
        return true;
    }

    /// A message, if one is whole now.
    std::optional<SourceMessage> take_event() {
        auto event = connection_.next();
        if (!event) {
            broken_ = event.error();
            return std::nullopt;
        }
        if (std::holds_alternative<ImapResponseReader::BodyBegin>(*event)) {
            message_ = SourceMessage();
            filling_.begin(&message_);
        } else if (auto* const octets = std::get_if<ImapResponseReader::BodyOctets>(&*event)) {
            bytes_read_ += octets->octets.size();
            filling_.append(std::move(octets->octets));
        } else if (auto* const response = std::get_if<ImapResponse>(&*event)) {
            if (const auto* const status = std::get_if<ImapStatus>(response)) take_status(*status);
            if (auto* const fetched = std::get_if<ImapFetched>(response)) return take_fetched(*fetched);
        }
        return std::nullopt;
    }

    std::optional<SourceMessage> take_fetched(ImapFetched& fetched) {
        const auto is_of = [&](Asked& each) { return each.messages.erase(fetched.uid) != 0; };
        if (!fetched.has_body || std::ranges::none_of(asked_, is_of)) {
            message_ = SourceMessage();
            filling_.begin(&message_);
            return std::nullopt;
        }
        filling_.append(std::move(fetched.body));
        message_.date = fetched.date;
        message_.marks = std::move(fetched.marks);
        filling_.finish();
        message_.name = name_of(fetched.uid);
        SourceMessage done = std::exchange(message_, {});
        filling_.begin(&message_);
        return done;
    }

    void take_status(const ImapStatus& status) {
        if (status.tag == "*" && status.kind == ImapStatus::Kind::bye) broken_ = words_of(status);
        const auto asked = std::ranges::find(asked_, status.tag, &Asked::tag);
        if (asked == asked_.end()) return;
        const Asked done = std::move(*asked);
        asked_.erase(asked);
        // One that cannot be given may keep others back; some servers pass over it and say OK.
        lost_reason_ = status.kind == ImapStatus::Kind::ok
                           ? "it was removed there meanwhile, or the other server keeps it back"
                           : "the other server does not give it: " + words_of(status);
        for (const auto& [uid, bytes] : done.messages)
            if (done.is_alone)
                lost_uid_ = uid;
            else
                once_more_.push_back({uid, bytes});
        std::ranges::sort(once_more_, {}, &RemoteMessage::uid);
    }

    ImapConnection& connection_;
    const std::string wire_name_;
    const std::string place_;
    Unwanted unwanted_;
    bool opened_ = false;
    std::deque<RemoteMessage> wanted_;
    std::deque<RemoteMessage> once_more_; ///< each by itself
    std::uint32_t lost_uid_ = 0;          ///< 0: none
    std::string lost_reason_;
    std::deque<Asked> asked_;
    SourceMessage message_; ///< what is coming
    Filling filling_;
};

class ImapSource final : public MailSource {
public:
    ImapSource(std::unique_ptr<ImapConnection> connection, std::string host)
        : connection_(std::move(connection)), host_(std::move(host)) {}

    Result<void, std::string> look() {
        transfer::ImapNamespaces namespaces;
        if (connection_->can("NAMESPACE"))
            TRY_VOID(ask("NAMESPACE", [&](ImapResponse&& response) {
                if (auto* const found = std::get_if<transfer::ImapNamespaces>(&response))
                    namespaces = std::move(*found);
            }));
        std::vector<transfer::ImapListed> listed;
        const auto take = [&](ImapResponse&& response) {
            auto* const found = std::get_if<transfer::ImapListed>(&response);
            if (found && listed.size() < kImapMailboxesMax) listed.push_back(std::move(*found));
        };
        // Without RETURN, some servers do not say what a mailbox is for (RFC 6154 §2).
        const bool says_uses = connection_->can("SPECIAL-USE") && connection_->can("LIST-EXTENDED");
        TRY_VOID(ask(says_uses ? "LIST \"\" \"*\" RETURN (SPECIAL-USE)" : "LIST \"\" \"*\"", take));
        TRY_VOID(ask("LSUB \"\" \"*\"", take));
        transfer::ImapMailboxes plan = transfer::plan_mailboxes(listed, namespaces, connection_->speaks_utf8());
        for (transfer::ImapMailbox& each : plan.mailboxes) {
            MailFolder folder;
            folder.kind = MailFolder::Kind::imap;
            folder.path = std::move(each.wire_name);
            folder.mailbox = std::move(each.mailbox);
            folder.is_view = each.is_view;
            found_.folders.push_back(std::move(folder));
        }
        found_.subscribed = std::move(plan.subscribed);
        for (const std::string& name : plan.unnameable)
            found_.unreadable.push_back(fmt::format("{}, {}: no mailbox can have this name", host_, name));
        for (const std::string& name : plan.passed_over)
            found_.notes.push_back(
                fmt::format("{}, {} shows mail of other mailboxes or users, and is passed over", host_, name));
        return weigh();
    }

    const FoundMail& found() const override { return found_; }

    std::unique_ptr<MailFolderReader> read(const MailFolder& folder) override {
        return std::make_unique<ImapFolderReader>(*connection_, folder, host_);
    }

private:
    Result<void, std::string> ask(std::string_view command, const ImapConnection::Take& take) {
        TRY(const ImapStatus done, connection_->run(command, take));
        if (done.kind == ImapStatus::Kind::ok) return {};
        return failure(
            fmt::format("{} does not answer {}: {}", host_, command.substr(0, command.find(' ')), words_of(done)));
    }

    /// How much there is in each mailbox.
    Result<void, std::string> weigh() {
        const std::string_view items = connection_->can("STATUS=SIZE") ? "MESSAGES SIZE" : "MESSAGES";
        std::deque<std::pair<std::string, MailFolder*>> asked;
        for (std::size_t at = 0; at < found_.folders.size() || !asked.empty();) {
            if (at < found_.folders.size() && asked.size() < kImapStatusAhead) {
                MailFolder& folder = found_.folders[at++];
                const auto quoted = transfer::quoted_for_imap(folder.path.string());
                if (!quoted) continue;
                TRY(std::string tag, connection_->send(fmt::format("STATUS {} ({})", *quoted, items)));
                asked.emplace_back(std::move(tag), &folder);
                continue;
            }
            const auto [tag, folder] = std::move(asked.front());
            asked.pop_front();
            TRY_VOID(connection_->finish(tag, [folder](ImapResponse&& response) {
                const auto* const status = std::get_if<transfer::ImapMailboxStatus>(&response);
                if (!status) return;
                folder->is_empty = status->messages == 0;
                folder->bytes = std::min(status->bytes.value_or(0), transfer::kImapBodyBytesMax);
            }));
        }
        return {};
    }

    const std::unique_ptr<ImapConnection> connection_;
    const std::string host_;
    FoundMail found_;
};

} // namespace

Result<std::unique_ptr<MailSource>, std::string> find_imap_mail(const ImapServer& server, const ImapLogin& login) {
    TRY(auto connection, ImapConnection::open(server, login));
    auto source = std::make_unique<ImapSource>(std::move(connection), server.host);
    TRY_VOID(source->look());
    return source;
}

} // namespace tegami::app
