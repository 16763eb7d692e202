// What a method sees of a request, and how it answers.
#pragma once

#include "async/awaitable.h"
#include "base/memory_budget.h"
#include "base/result.h"
#include "protocol/jmap/arguments.h"
#include "protocol/jmap/batch.h"
#include "protocol/jmap/fault.h"
#include "service/jmapd/user.h"
#include "store/account_view.h"
#include "json/json.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tegami::jmapd {

/// One call of a request, while its method runs.
struct Call {
    Service* service;
    const User* user;
    jmap::Batch* batch;
    const json::object* arguments; ///< with their references in place
    MemoryBudget::Charge* memory;  ///< what the request holds
    /// Responses that follow that of the method, with names of their own (RFC 8621 §7.5).
    std::vector<std::pair<std::string, json::object>> following{};
    /// The account that the method is about (enter_account()): the user's, or one that shares something with the user.
    store::AccountPtr entered = user->account;

    store::Account& account() const { return *entered; }

    /// As whom the user sees the account (store/access.h).
    store::AccountId reader() const { return user->identity.account; }

    bool is_own() const { return entered->id() == reader(); }

    /// What the user sees of the account's mailboxes.
    std::shared_ptr<const store::MailboxList> mailboxes() const;

    /// What the user may do in a mailbox of the account.
    store::Rights rights(const store::MailboxInfo& mailbox) const {
        return store::rights_of(mailbox, entered->id(), reader());
    }

    const jmap::RequestLimits& limits() const { return service->limits.request; }

    /// Whether the answer may take so many octets more; false: fail with too_large_to_answer().
    [[nodiscard]] bool reserve(std::uint64_t octets) const { return memory->resize(memory->bytes() + octets); }
};

/// The arguments of the response, which has the method's name.
using MethodResult = Result<json::object, jmap::Fault>;
/// A method: a coroutine that takes its arguments by jmap::Arguments and jmap::take_get() and the like.
using Method = async::Awaitable<MethodResult> (*)(Call* call);

/// Makes `call` be about the account that a method names: the user's, or one that shares something with the user now. Faults:
/// accountNotFound.
async::Awaitable<Result<void, jmap::Fault>> enter_account(Call* call, std::string account_id);
/// The same for a method that changes what mailboxes hold. Faults: also accountReadOnly (RFC 8620 §5.3).
async::Awaitable<Result<void, jmap::Fault>> enter_to_write(Call* call, std::string account_id);
/// The same for what nobody shares. Faults: accountNotFound, accountNotSupportedByMethod (RFC 8620 §3.6.2).
async::Awaitable<Result<void, jmap::Fault>> enter_own_account(Call* call, std::string account_id);

/// The account as the user sees it.
async::Awaitable<store::StoreResult<store::AccountViewPtr>> view_of(const Call* call);

/// What /copy answers where nothing is copied from one account to another (RFC 8620 §5.4).
jmap::Fault same_account();

/// What the server has no memory for: the client may ask for less.
jmap::Fault too_large_to_answer();

/// The error of a method, or of a record, that stands for what the store said (RFC 8620 §3.6.2, §5.3). What is nobody's
/// fault but ours is in the log.
jmap::Fault method_fault(const Call& call, const store::Error& error);
jmap::Fault set_fault(const Call& call, const store::Error& error);

} // namespace tegami::jmapd
