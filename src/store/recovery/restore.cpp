#include "store/recovery/restore.h"

#include "async/turns.h"
#include "message/card.h"
#include "store/account.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::store {

namespace {

constexpr std::size_t kDetailsAtOnce = 256;
constexpr std::uint64_t kPieceBytes = 1u << 20;

/// Message by message: what one of them is, where it was, and its card.
struct Wanted {
    MessageDetails details;
    std::vector<std::string> keywords;
    std::string card_octets;
    message::Card card;
};

class Restore {
public:
    Restore(RestoreParts parts, RestoreWish wish) : parts_(std::move(parts)), wish_(std::move(wish)) {}

    async::Awaitable<StoreResult<RestoreReport>> run() {
        const auto list = parts_.from->mailboxes();
        const std::string name = canonical_mailbox_name(wish_.mailbox.value_or(""));
        if (wish_.mailbox && !list->find(name))
            co_return failure(Error{ErrorCode::not_found, fmt::format("the backup has no mailbox {}", name)});
        std::vector<MailboxPtr> wanted = list->all();
        std::erase_if(wanted, [&](const MailboxPtr& mailbox) {
            return !mailbox->selectable || (wish_.mailbox && mailbox->name != name);
        });
        std::uint64_t messages = 0;
        for (const MailboxPtr& mailbox : wanted)
            messages += mailbox->messages;
        parts_.progress->begin(Progress::Unit::messages, messages);
        for (const MailboxPtr& mailbox : wanted) {
            CO_TRY_VOID(co_await restore_mailbox(mailbox));
            if (report_.over_quota) break;
        }
        if (unreadable_ != 0 && (!wish_.message_id || report_.mailboxes.empty()))
            add_problem(fmt::format("{} messages cannot be read in the backup{}", unreadable_,
                                    wish_.message_id ? "; whether it is one of them is not known" : ""),
                        unreadable_);
        co_return std::move(report_);
    }

private:
    async::Awaitable<StoreResult<>> restore_mailbox(MailboxPtr mailbox) {
        RestoredMailbox done{.name = mailbox->name};
        target_ = parts_.to->mailboxes()->find(target_name(*mailbox));
        CO_TRY_VOID(co_await read_present());
        if (!wish_.message_id) {
            CO_TRY_VOID(co_await make_target(mailbox));
        }
        CO_TRY(const OpenMailboxPtr opened, co_await parts_.from->open(mailbox->id));
        const ViewPtr view = opened->view();
        const std::vector<Uid> uids = view->uids();
        for (std::size_t at = 0; at < uids.size() && !report_.over_quota; at += kDetailsAtOnce) {
            std::vector<Uid> some(uids.begin() + static_cast<std::ptrdiff_t>(at),
                                  uids.begin() +
                                      static_cast<std::ptrdiff_t>(std::min(at + kDetailsAtOnce, uids.size())));
            const std::size_t asked = some.size();
            CO_TRY(std::vector<MessageDetails> details, co_await parts_.from->details(mailbox->id, std::move(some)));
            unreadable_ += asked - details.size();
            for (MessageDetails& one : details) {
                CO_TRY_VOID(co_await restore_one(mailbox, view, std::move(one), &done));
                parts_.progress->add(1);
                if (report_.over_quota) break;
            }
            co_await async::give_way();
        }
        if (!wish_.message_id || done.messages != 0) report_.mailboxes.push_back(std::move(done));
        co_return StoreResult<>{};
    }

    /// The blobs of the mailbox as it is now, sorted; one that two messages have is there twice.
    async::Awaitable<StoreResult<>> read_present() {
        present_.clear();
        if (!target_ || !target_->selectable) co_return StoreResult<>{};
        const auto opened = co_await parts_.to->open(target_->id);
        if (!opened) co_return failure(opened.error());
        const OpenMailboxPtr& mailbox = *opened;
        const std::vector<Uid> uids = mailbox->view()->uids();
        for (std::size_t at = 0; at < uids.size(); at += kDetailsAtOnce) {
            std::vector<Uid> some(uids.begin() + static_cast<std::ptrdiff_t>(at),
                                  uids.begin() +
                                      static_cast<std::ptrdiff_t>(std::min(at + kDetailsAtOnce, uids.size())));
            CO_TRY(const auto details, co_await parts_.to->details(target_->id, std::move(some)));
            for (const MessageDetails& one : details)
                present_.push_back({one.email.blob.id, false});
            co_await async::give_way();
        }
        std::ranges::sort(present_, {}, &Present::blob);
        co_return StoreResult<>{};
    }

    /// Whether a message of the mailbox has these octets; each of them answers for one message of the backup.
    bool take_present(BlobId blob) {
        const auto same = std::ranges::equal_range(present_, blob, {}, &Present::blob);
        const auto free = std::ranges::find(same, false, &Present::taken);
        if (free == same.end()) return false;
        free->taken = true;
        return true;
    }

    std::string target_name(const MailboxInfo& mailbox) const {
        return wish_.into ? canonical_mailbox_name(*wish_.into) : mailbox.name;
    }

    async::Awaitable<StoreResult<>> make_target(MailboxPtr mailbox) {
        if (target_ && target_->selectable) co_return StoreResult<>{};
        const std::string name = target_name(*mailbox);
        const bool has_role = !wish_.into && !target_ && !parts_.to->mailboxes()->find(mailbox->role);
        const auto made = co_await parts_.to->create_mailbox(
            name, {.role = has_role ? mailbox->role : Role::none, .sort_order = mailbox->sort_order});
        if (!made && made.error().code != ErrorCode::exists) co_return failure(made.error());
        if (mailbox->subscribed || wish_.into) {
            CO_TRY_VOID(co_await parts_.to->subscribe(name));
        }
        target_ = parts_.to->mailboxes()->find(name);
        if (!target_) co_return failure(Error{ErrorCode::unavailable, "the mailbox was removed meanwhile"});
        co_return StoreResult<>{};
    }

    async::Awaitable<StoreResult<>> restore_one(MailboxPtr mailbox, ViewPtr view, MessageDetails details,
                                                RestoredMailbox* done) {
        const BlobRef blob = details.email.blob;
        Wanted wanted{.details = std::move(details), .keywords = {}, .card_octets = {}, .card = {}};
        if (!wish_.message_id) {
            ++done->messages;
            if (take_present(blob.id)) {
                ++done->already_there;
                co_return StoreResult<>{};
            }
        }
        StoreResult<std::string> card = co_await parts_.backup->read_card(blob.id);
        if (!card && card.error().code == ErrorCode::unavailable) co_return failure(card.error());
        auto decoded = card ? message::decode_card(*card) : Result<message::Card, message::CardError>(message::Card());
        if (wish_.message_id) {
            unreadable_ += card ? 0 : 1;
            if (!card || !decoded || decoded->message_id != wish_.message_id) co_return StoreResult<>{};
            ++done->messages;
            if (take_present(blob.id)) {
                ++done->already_there;
                co_return StoreResult<>{};
            }
            CO_TRY_VOID(co_await make_target(mailbox));
        }
        if (!card) {
            add_problem(fmt::format("message {} of {} cannot be read in the backup: {}",
                                    wanted.details.message.uid.value, mailbox->name, card.error().detail));
            co_return StoreResult<>{};
        }
        wanted.card_octets = *std::move(card);
        if (decoded) wanted.card = *std::move(decoded);
        wanted.keywords = view->keyword_names(wanted.details.message.keywords);
        const StoreResult<> added = co_await add(std::move(wanted));
        if (added) {
            ++done->restored;
        } else if (added.error().code == ErrorCode::over_quota) {
            report_.over_quota = true;
        } else if (added.error().code == ErrorCode::damaged || added.error().code == ErrorCode::invalid) {
            add_problem(fmt::format("a message of {} did not come back: {}", mailbox->name, added.error().detail));
        } else {
            co_return added;
        }
        co_return StoreResult<>{};
    }

    async::Awaitable<StoreResult<>> add(Wanted wanted) {
        const BlobRef blob = wanted.details.email.blob;
        const NewMessage message{.blob = blob,
                                 .placements = {{.mailbox = target_->id,
                                                 .flags = wanted.details.message.flags,
                                                 .keywords = std::move(wanted.keywords)}},
                                 .internal_date = wanted.details.email.internal_date,
                                 .zone = wanted.details.email.zone,
                                 .thread = {.message_id = std::move(wanted.card.message_id),
                                            .in_reply_to = std::move(wanted.card.in_reply_to),
                                            .references = std::move(wanted.card.references)}};
        // Before the octets are written.
        const QuotaUse quota = parts_.to->quota();
        if ((quota.limit.bytes_max != 0 && quota.bytes + blob.size > quota.limit.bytes_max) ||
            (quota.limit.messages_max != 0 && quota.messages >= quota.limit.messages_max))
            co_return failure(Error{ErrorCode::over_quota, "the account is full"});
        // What was expunged lately, or is in another mailbox, still has its octets.
        const StoreResult<std::string> alive = co_await parts_.store->read_card(blob.id);
        if (alive) {
            std::vector<NewMessage> messages{message};
            const auto added = co_await parts_.to->append(std::move(messages));
            if (added) co_return StoreResult<>{};
            if (added.error().code != ErrorCode::not_found) co_return failure(added.error());
        }
        CO_TRY_VOID(co_await write_blob(blob, std::move(wanted.card_octets)));
        std::vector<NewMessage> messages{message};
        const auto added = co_await parts_.to->append(std::move(messages));
        if (!added) co_return failure(added.error());
        co_return StoreResult<>{};
    }

    async::Awaitable<StoreResult<>> write_blob(BlobRef blob, std::string card) {
        const std::unique_ptr<BlobWriter> writer = parts_.restored_blob(blob.id);
        for (std::uint64_t at = 0; at < blob.size; at += kPieceBytes) {
            CO_TRY(std::string piece, co_await parts_.backup->read_blob(blob.id, at, kPieceBytes));
            if (piece.size() != std::min(kPieceBytes, blob.size - at))
                co_return failure(Error{ErrorCode::damaged, "its octets in the backup are cut off"});
            CO_TRY_VOID(co_await writer->append(std::move(piece)));
        }
        const auto written = co_await writer->finish(std::move(card), {});
        if (!written) co_return failure(written.error());
        co_return StoreResult<>{};
    }

    void add_problem(std::string sentence, std::uint64_t messages = 1) {
        report_.failed += messages;
        if (report_.problems.size() < RestoreReport::kProblemsMax) report_.problems.push_back(std::move(sentence));
    }

    struct Present {
        BlobId blob;
        bool taken = false;
    };

    const RestoreParts parts_;
    const RestoreWish wish_;
    RestoreReport report_;
    std::uint64_t unreadable_ = 0; ///< messages of which it is not known what they are
    MailboxPtr target_;            ///< the mailbox that messages go to now; none if it is not made yet
    std::vector<Present> present_;
};

} // namespace

async::Awaitable<StoreResult<RestoreReport>> restore_messages(RestoreParts parts, RestoreWish wish) {
    Restore restore(std::move(parts), std::move(wish));
    co_return co_await restore.run();
}

} // namespace tegami::store
