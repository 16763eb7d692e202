// Reading all emails of an account in the order of their ids, which is the order in which they came.
#include "store/account_core.h"
#include "store/engine/scan.h"
#include "store/page_records.h"

#include <algorithm>
#include <map>

namespace tegami::store {

namespace {

using EmailsById = std::map<std::uint32_t, record::EmailRecord>;

/// What single records say of emails in [first, end). True if all could be read.
async::Awaitable<StoreResult<bool>> read_single_emails(const AccountCore* core, std::uint32_t first, std::uint32_t end,
                                                       EmailsById* emails) {
    bool sound = true;
    Scan scan(core->dependencies().engine, core->domain(),
              {.begin = record::email_key(first), .end = record::email_key(end), .around_damage = true});
    while (scan.more()) {
        CO_TRY(const Page page, co_await scan.next());
        sound = sound && page.damaged.empty();
        for (const Row& row : page.rows) {
            const std::uint32_t id = record::number32(row.key, 1);
            const auto email = record::decode_email(id, row.value);
            sound = sound && email;
            if (email) emails->insert_or_assign(id, *email);
        }
    }
    co_return sound;
}

/// What the page of emails says. True if it could be read.
async::Awaitable<StoreResult<bool>> read_email_page(const AccountCore* core, std::uint32_t number,
                                                    std::uint32_t page_emails, EmailsById* emails) {
    const auto value = co_await core->dependencies().engine->get(core->domain(), record::email_page_key(number));
    if (!value && value.error().code == ErrorCode::damaged) co_return false;
    CO_TRY_VOID(value);
    if (!*value) co_return true;
    const auto page = record::decode_emails(number, page_emails, **value);
    if (!page) co_return false;
    for (const record::EmailRecord& email : *page)
        emails->insert_or_assign(email.id, email);
    co_return true;
}

} // namespace

async::Awaitable<StoreResult<EmailWalk>> Account::walk_emails(EmailId from, std::size_t count_max) {
    CO_TRY_VOID(core_->published().check_there());
    const record::AccountRow account = core_->published().row();
    const Version version = mailboxes()->version();
    EmailWalk walk{.emails = {}, .end = EmailId(account.next_email), .damaged = false, .version = version};
    std::uint64_t first = std::min<std::uint64_t>(from.value, account.next_email);
    while (first < account.next_email && walk.emails.size() < count_max) {
        const auto number = static_cast<std::uint32_t>(first >> account.email_bits);
        const std::uint64_t end =
            std::min<std::uint64_t>((std::uint64_t{number} + 1) << account.email_bits, account.next_email);
        EmailsById emails;
        // A single record may become part of the page meanwhile, but not the other way round.
        CO_TRY(const bool single, co_await read_single_emails(core_.get(), static_cast<std::uint32_t>(first),
                                                              static_cast<std::uint32_t>(end), &emails));
        CO_TRY(const bool paged, co_await read_email_page(core_.get(), number, account.page_emails(), &emails));
        walk.damaged = walk.damaged || !single || !paged;
        for (auto at = emails.lower_bound(static_cast<std::uint32_t>(first)); at != emails.end() && at->first < end;
             ++at)
            walk.emails.push_back({EmailId(at->first), ThreadId(at->second.thread), at->second.blob,
                                   at->second.internal_date, at->second.zone});
        first = end;
    }
    walk.end = EmailId(first);
    co_return walk;
}

} // namespace tegami::store
