// Reading emails. Readers take no turn among the writers.
#include "store/account_core.h"
#include "store/email_pages.h"

#include <limits>

namespace tegami::store {

async::Awaitable<StoreResult<std::vector<StoreResult<EmailRow>>>> Account::emails(std::vector<EmailId> ids) {
    CO_TRY_VOID(core_->published().check_there());
    std::vector<StoreResult<EmailRow>> rows;
    if (ids.size() > kDetailsMax) co_return failure(Error{ErrorCode::invalid, "too many emails at once"});
    rows.reserve(ids.size());
    for (const EmailId id : ids) {
        StoreResult<std::optional<record::EmailRecord>> email = std::nullopt;
        if (id.value <= std::numeric_limits<std::uint32_t>::max()) {
            email = co_await emails::find(core_.get(), static_cast<std::uint32_t>(id.value));
        }
        if (!email && email.error().code != ErrorCode::damaged) co_return failure(email.error());
        if (email && *email) {
            const record::EmailRecord& found = **email;
            rows.emplace_back(EmailRow{id, ThreadId(found.thread), found.blob, found.internal_date, found.zone});
        } else if (email) {
            rows.emplace_back(failure(Error{ErrorCode::not_found, "email"}));
        } else {
            const Domain domain = core_->domain();
            const std::string key = record::email_key(static_cast<std::uint32_t>(id.value));
            RecordReader(core_->dependencies().engine, domain, Version(), core_->dependencies().options.log)
                .tell_damage(record_name(domain, key));
            rows.emplace_back(failure(email.error()));
        }
    }
    co_return rows;
}

async::Awaitable<StoreResult<std::vector<MessageDetails>>> Account::details(MailboxId mailbox, std::vector<Uid> uids) {
    CO_TRY(const OpenMailboxPtr opened, co_await open(mailbox));
    const ViewPtr now = opened->view();
    std::vector<MessageDetails> details;
    std::vector<EmailId> ids;
    for (const Uid uid : uids) {
        const auto message = now->find(uid);
        if (!message) continue;
        ids.push_back(message->email);
        details.push_back({*message, {}});
    }
    CO_TRY(const auto rows, co_await emails(std::move(ids)));
    std::vector<MessageDetails> found;
    found.reserve(details.size());
    for (std::size_t at = 0; at < details.size(); ++at)
        if (rows[at]) found.push_back({std::move(details[at].message), *rows[at]});
    co_return found;
}

} // namespace tegami::store
