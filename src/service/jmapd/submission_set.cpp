// EmailSubmission/set (RFC 8621 §7.5): letters are sent by creating submissions, and taken back by updating them. What is to
// be done to the emails of those that worked is one Email/set afterwards.
#include "protocol/jmap/patch.h"
#include "service/jmapd/email_set.h"
#include "service/jmapd/ids.h"
#include "service/jmapd/methods.h"
#include "service/jmapd/set_work.h"
#include "service/jmapd/submission_create.h"
#include "service/jmapd/submissions.h"

#include <algorithm>

namespace tegami::jmapd {

namespace {

using jmap::Fault;

constexpr auto kSubmission = store::ObjectKind::submission;

/// What is to be done to emails when all is done to submissions.
struct OnSuccess {
    const json::object* update = nullptr; ///< patches by submission; null: none
    std::vector<std::string> destroy;     ///< submissions
};

/// Creation ids stay as they are: those of this call are known only afterwards.
OnSuccess take_on_success(jmap::Arguments& arguments) {
    OnSuccess wanted;
    if (const json::object* const update = arguments.optional_object("onSuccessUpdateEmail")) {
        const bool patches = std::ranges::all_of(*update, [](const auto& each) { return each.value().is_object(); });
        if (!patches) arguments.reject("onSuccessUpdateEmail");
        wanted.update = update;
    }
    if (const json::value* const destroy = arguments.optional_value("onSuccessDestroyEmail")) {
        const bool texts = destroy->is_array() && std::ranges::all_of(destroy->get_array(), &json::value::is_string);
        if (!texts) arguments.reject("onSuccessDestroyEmail");
        if (texts)
            for (const json::value& each : destroy->get_array())
                wanted.destroy.emplace_back(each.get_string());
    }
    return wanted;
}

/// The work of one call.
class SubmissionSet final : public SetWork {
public:
    /// `identities`: only where something is created.
    SubmissionSet(Call* call, const jmap::SetArguments* set, std::optional<Identities> identities)
        : call_(call), set_(set), identities_(std::move(identities)) {}

    /// The Email/set that follows; nothing if there is nothing to do.
    std::optional<json::object> email_set(const OnSuccess& wanted) const {
        json::object update;
        json::array destroy;
        if (wanted.update != nullptr)
            for (const auto& [submission, patch] : *wanted.update) {
                const std::string* const email = email_of(submission);
                if (email == nullptr) continue;
                json::object& whole = update.emplace(*email, json::object()).first->value().get_object();
                for (const auto& [path, value] : patch.get_object())
                    whole[path] = value;
            }
        for (const std::string& submission : wanted.destroy)
            if (const std::string* const email = email_of(submission)) destroy.emplace_back(*email);
        if (update.empty() && destroy.empty()) return std::nullopt;
        return json::object{
            {"accountId", set_->account}, {"update", std::move(update)}, {"destroy", std::move(destroy)}};
    }

    async::Awaitable<Result<json::object, Fault>> create(std::string name, const json::object* wanted) override {
        CO_TRY(const NewSubmission created, co_await create_submission(call_, wanted, &*identities_));
        const std::string id = id_of(kSubmission, created.id);
        emails_[id] = emails_["#" + name] = created.submission.email;
        co_return submission_object(id, created.submission);
    }

    async::Awaitable<Result<json::object, Fault>> update(std::string id, const json::object* patch) override {
        CO_TRY_VOID(co_await look());
        const auto object = parse_object_id(kSubmission, id);
        const auto found = object ? now_->all.find(*object) : now_->all.end();
        if (found == now_->all.end()) co_return failure(Fault{.type = "notFound", .description = {}});
        const json::object before = submission_object(id, found->second);
        CO_TRY(const json::object after, jmap::apply_patch(before, *patch));
        std::vector<std::string> wrong;
        for (const auto& [name, value] : before) {
            const json::value* const now = after.if_contains(name);
            if (name != "undoStatus" && (now == nullptr || *now != value)) wrong.emplace_back(name);
        }
        for (const auto& [name, value] : after)
            if (!before.contains(name)) wrong.emplace_back(name);
        const json::value* const undo = after.if_contains("undoStatus");
        const bool same = undo != nullptr && *undo == before.at("undoStatus");
        if (!same && (undo == nullptr || *undo != json::value(name_of(UndoStatus::canceled))))
            wrong.emplace_back("undoStatus");
        if (!wrong.empty())
            co_return failure(jmap::invalid_properties(std::move(wrong), "only undoStatus changes, to canceled"));
        if (!same) {
            CO_TRY_VOID(co_await cancel_submission(call_, *now_->objects.find(*object), found->second));
            found->second.undo = UndoStatus::canceled;
        }
        emails_[id] = found->second.email;
        co_return json::object();
    }

    /// The record goes, the letter does not (RFC 8621 §7.5).
    async::Awaitable<Result<void, Fault>> destroy(std::string id) override {
        CO_TRY_VOID(co_await look());
        const auto object = parse_object_id(kSubmission, id);
        const auto found = object ? now_->all.find(*object) : now_->all.end();
        if (found == now_->all.end()) co_return failure(Fault{.type = "notFound", .description = {}});
        const store::AccountObjects kept(call_->user->account, kSubmission);
        const auto removed = co_await kept.remove(*object);
        if (!removed) co_return failure(set_fault(*call_, removed.error()));
        emails_[id] = found->second.email;
        now_->all.erase(found);
        co_return Result<void, Fault>();
    }

private:
    /// Reads the submissions once, after those that are created.
    async::Awaitable<Result<void, Fault>> look() {
        if (now_) co_return Result<void, Fault>();
        CO_TRY(now_, co_await current_submissions(call_));
        co_return Result<void, Fault>();
    }

    /// Of a submission to which something was done; null of others. A creation id means that of this call first.
    const std::string* email_of(std::string_view submission) const {
        const auto named_here = [&](const auto& each) { return submission == "#" + each.first; };
        std::string name(submission);
        if (!std::ranges::any_of(set_->create, named_here))
            name = call_->batch->created_ids().resolve(submission).value_or(name);
        const auto found = emails_.find(name);
        return found == emails_.end() ? nullptr : &found->second;
    }

    Call* const call_;
    const jmap::SetArguments* const set_;
    const std::optional<Identities> identities_;
    std::optional<Submissions> now_;
    std::map<std::string, std::string> emails_; ///< by the submissions to which something was done
};

} // namespace

async::Awaitable<MethodResult> submission_set(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    CO_TRY(const jmap::SetArguments set, jmap::take_set(arguments, call->batch->created_ids(), call->limits()));
    const OnSuccess on_success = take_on_success(arguments);
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_own_account(call, set.account));
    const std::string old_state = state_of(*call->mailboxes());
    if (set.if_in_state && *set.if_in_state != old_state)
        co_return failure(Fault{.type = "stateMismatch", .description = {}});
    std::optional<Identities> identities;
    if (!set.create.empty()) {
        CO_TRY(identities, co_await current_identities(call));
    }
    SubmissionSet work(call, &set, std::move(identities));
    jmap::SetAnswer answer = co_await carry_out(call, &set, &work);
    // A letter that was taken back is shown as that from now on.
    CO_TRY(const Submissions now, co_await current_submissions(call));
    const std::string new_state = state_of(now.objects.version);
    if (const auto follows = work.email_set(on_success)) {
        auto response = co_await set_emails(call, &*follows);
        if (response)
            call->following.emplace_back("Email/set", *std::move(response));
        else
            call->following.emplace_back("error", jmap::method_error(response.error()));
    }
    co_return std::move(answer).finish(set.account, old_state, new_state);
}

} // namespace tegami::jmapd
