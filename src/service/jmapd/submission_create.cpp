#include "service/jmapd/submission_create.h"

#include "service/jmapd/hand_in.h"
#include "service/jmapd/http_answers.h"
#include "service/jmapd/ids.h"
#include "store/account_view.h"

#include <algorithm>
#include <set>

namespace tegami::jmapd {

namespace {

using jmap::Fault;

/// Limit: submissions of an account that are kept; the oldest that are over go for new ones.
constexpr std::size_t kSubmissionsKept = 1000;

std::vector<std::string> addresses_of_copies(const reception::AcceptedRecipient& recipient) {
    std::vector<std::string> copies;
    for (const directory::LocalRecipient& local : recipient.accounts)
        copies.push_back(local.address.to_string());
    for (const message::EmailAddress& address : recipient.remote)
        copies.push_back(address.to_string());
    return copies;
}

/// One letter.
class Submitter {
public:
    Submitter(Call* call, const Identities* identities)
        : call_(call), identities_(identities), outgoing_(call->service->with.outgoing) {}

    async::Awaitable<Result<NewSubmission, Fault>> run(const json::object* wanted) {
        CO_TRY_VOID(read_wanted(*wanted));
        CO_TRY_VOID(co_await find_email());
        CO_TRY_VOID(co_await find_envelope(wanted->if_contains("envelope")));
        CO_TRY_VOID(co_await check_recipients());
        const Timestamp now = call_->service->with.timers.now();
        submission_.send_at = envelope_.hold_until.value_or(std::chrono::floor<std::chrono::seconds>(now));
        submission_.undo = envelope_.hold_until ? UndoStatus::pending : UndoStatus::final;
        submission_.envelope = envelope_.shown;
        // What is written of it later may take so much more.
        if (encode_submission(submission_).size() > store::kObjectBytesMax / 2)
            co_return failure(Fault{.type = "tooManyRecipients",
                                    .description = "their addresses take too much room together",
                                    .more = {{"maxRecipients", recipients_.size() / 2}}});
        CO_TRY_VOID(co_await make_room());
        CO_TRY_VOID(co_await hand_in());
        co_return co_await keep();
    }

private:
    Result<void, Fault> read_wanted(const json::object& wanted) {
        std::set<std::string> wrong;
        for (const auto& [name, value] : wanted)
            if (name != "identityId" && name != "emailId" && name != "envelope") wrong.emplace(name);
        const auto id_in = [&](const char* name) {
            const json::value* const value = wanted.if_contains(name);
            const bool text = value != nullptr && value->is_string();
            return text ? call_->batch->created_ids().resolve(value->get_string()).value_or("") : std::string();
        };
        submission_.identity = id_in("identityId");
        submission_.email = id_in("emailId");
        const auto identity = parse_object_id(store::ObjectKind::identity, submission_.identity);
        const auto found = identity ? identities_->all.find(*identity) : identities_->all.end();
        if (found == identities_->all.end())
            wrong.emplace("identityId");
        else
            identity_ = &found->second;
        if (!parse_email_id(submission_.email)) wrong.emplace("emailId");
        if (wrong.empty()) return {};
        return failure(jmap::invalid_properties({wrong.begin(), wrong.end()}, {}));
    }

    async::Awaitable<Result<void, Fault>> find_email() {
        const store::EmailId id = *parse_email_id(submission_.email);
        const auto view = co_await view_of(call_);
        if (!view) co_return failure(set_fault(*call_, view.error()));
        const auto state = (*view)->find(id);
        std::vector<store::EmailId> ids{id};
        auto rows = co_await call_->account().emails(std::move(ids));
        if (!rows) co_return failure(set_fault(*call_, rows.error()));
        if (!state || !rows->front())
            co_return failure(jmap::invalid_properties({"emailId"}, "there is no such email"));
        submission_.thread = id_of(state->thread);
        blob_ = rows->front()->blob;
        if (blob_.size > call_->service->limits.upload_bytes)
            co_return failure(Fault{
                .type = "tooLarge", .description = {}, .more = {{"maxSize", call_->service->limits.upload_bytes}}});
        const std::uint64_t most = std::min<std::uint64_t>(blob_.size, message::kHeaderBytesMax);
        auto octets = co_await call_->service->with.store.read_blob(blob_.id, 0, most);
        if (!octets) co_return failure(set_fault(*call_, octets.error()));
        header_octets_ = *std::move(octets);
        header_ = message::Header(header_octets_);
        if (!names_author(header_))
            co_return failure(Fault{.type = "invalidEmail", .description = "nobody has written it", .names = {"from"}});
        co_return Result<void, Fault>();
    }

    async::Awaitable<Result<void, Fault>> find_envelope(const json::value* given) {
        if (given != nullptr && !given->is_null()) {
            CO_TRY(envelope_, read_envelope(*given, call_->service->with.timers.now()));
        } else {
            CO_TRY(const auto sender, sender_in(header_));
            bool allowed = false;
            if (sender) {
                CO_TRY(allowed, co_await may_send_as(call_, *sender));
            }
            envelope_ = envelope_for(header_, allowed ? *sender : identity_->email);
        }
        const std::size_t most = call_->service->limits.recipients;
        if (envelope_.recipients.size() + envelope_.invalid.size() > most)
            co_return failure(Fault{.type = "tooManyRecipients", .description = {}, .more = {{"maxRecipients", most}}});
        if (envelope_.recipients.empty() && envelope_.invalid.empty())
            co_return failure(Fault{.type = "noRecipients", .description = {}});
        const auto verdict = co_await outgoing_.reception.check_sender(submitting_client(*call_), envelope_.mail_from);
        if (!verdict) co_return failure(forbidden_because("forbiddenMailFrom", verdict.error()));
        co_return Result<void, Fault>();
    }

    async::Awaitable<Result<void, Fault>> check_recipients() {
        std::string why;
        for (const message::EmailAddress& address : envelope_.recipients) {
            auto accepted =
                co_await outgoing_.reception.check_recipient(submitting_client(*call_), address, blob_.size);
            if (accepted) {
                submission_.recipients.push_back({.copies = addresses_of_copies(*accepted)});
                recipients_.push_back(*std::move(accepted));
                continue;
            }
            envelope_.invalid.push_back(address.to_string());
            if (why.empty()) why = smtp::one_line(accepted.error());
        }
        if (envelope_.invalid.empty()) co_return Result<void, Fault>();
        co_return failure(
            Fault{.type = "invalidRecipients",
                  .description = why,
                  .more = {{"invalidRecipients", json::array(envelope_.invalid.begin(), envelope_.invalid.end())}}});
    }

    /// Of those that are over the oldest make room for a new one, which may grow.
    async::Awaitable<Result<void, Fault>> make_room() {
        const store::AccountObjects kept(call_->user->account, store::ObjectKind::submission);
        const auto objects = co_await kept.read();
        if (!objects) co_return failure(set_fault(*call_, objects.error()));
        std::size_t there = 1;
        std::size_t bytes = store::kObjectBytesMax;
        for (const store::Object& object : objects->all) {
            there += object.gone ? 0 : 1;
            bytes += object.gone ? 0 : object.octets.size();
        }
        const auto fits = [&] { return there <= kSubmissionsKept && bytes <= store::kObjectsBytesMax; };
        for (const store::Object& object : objects->all) {
            if (fits()) break;
            if (object.gone) continue;
            const auto submission = decode_submission(object.octets);
            if (submission && !submission->settled) continue;
            const auto removed = co_await kept.remove(object.id);
            if (!removed && removed.error().code != store::ErrorCode::not_found)
                co_return failure(set_fault(*call_, removed.error()));
            --there;
            bytes -= object.octets.size();
        }
        if (fits()) co_return Result<void, Fault>();
        co_return failure(Fault{.type = "overQuota", .description = "too many letters wait to be sent"});
    }

    async::Awaitable<Result<void, Fault>> hand_in() {
        const OutgoingLetter letter{.blob = blob_,
                                    .mail_from = envelope_.mail_from,
                                    .recipients = recipients_,
                                    .hold_until = envelope_.hold_until};
        CO_TRY(HandedIn handed_in, co_await jmapd::hand_in(call_, &letter));
        submission_.journey = std::move(handed_in.journey);
        submission_.queued = handed_in.queued;
        if (!submission_.queued) note_progress(submission_, std::nullopt, {});
        co_return Result<void, Fault>();
    }

    /// Nothing leaves before there is a record of it: the relay is told afterwards.
    async::Awaitable<Result<NewSubmission, Fault>> keep() {
        const store::AccountObjects kept(call_->user->account, store::ObjectKind::submission);
        const auto added = co_await kept.add(encode_submission(submission_), Timestamp(submission_.send_at));
        if (!added && submission_.queued) {
            const auto removed = co_await outgoing_.queue.remove(*submission_.queued);
            if (!removed) log_failure(call_->service->with.log, removed.error());
        }
        if (!added) co_return failure(set_fault(*call_, added.error()));
        outgoing_.delivery.wake();
        co_return NewSubmission{.id = *added, .submission = submission_};
    }

    Call* const call_;
    const Identities* const identities_;
    const Outgoing& outgoing_;
    const jmapd::Identity* identity_ = nullptr;
    store::BlobRef blob_;
    std::string header_octets_;
    message::Header header_; ///< of header_octets_
    Envelope envelope_;
    std::vector<reception::AcceptedRecipient> recipients_;
    Submission submission_;
};

} // namespace

async::Awaitable<Result<NewSubmission, Fault>> create_submission(Call* call, const json::object* wanted,
                                                                 const Identities* identities) {
    Submitter submitter(call, identities);
    co_return co_await submitter.run(wanted);
}

} // namespace tegami::jmapd
