// The admin operations on backups.
#include "admin/operation.h"

#include "admin/backups.h"
#include "admin/parameters.h"
#include "admin/progress_board.h"
#include "base/base64.h"
#include "directory/snapshot.h"

#include <fmt/format.h>

namespace tegami::admin {

namespace {

Refusal no_backups() {
    return {.status = 503, .message = "this store cannot be backed up"};
}

/// What is wrong with a folder of backups or with what was asked of it.
Refusal refuse(const store::Error& error) {
    switch (error.code) {
    case store::ErrorCode::not_found: return {.status = 404, .message = error.detail};
    case store::ErrorCode::exists:
    case store::ErrorCode::conflict:
    case store::ErrorCode::invalid: return {.status = 409, .message = error.detail};
    case store::ErrorCode::damaged:
        return {.status = 503,
                .message = fmt::format("{}; tegami backup verify names everything that is damaged", error.detail)};
    case store::ErrorCode::over_quota:
    case store::ErrorCode::no_space:
    case store::ErrorCode::unavailable:
    case store::ErrorCode::unknown: break;
    }
    return {.status = 503, .message = error.detail};
}

async::Awaitable<Answer> backup(const Dependencies* on, Caller, json::object request) {
    if (!on->backups) co_return failure(no_backups());
    CO_TRY(std::string directory, required_text(request, "directory"));
    CO_TRY(const std::uint64_t keep, optional_number(request, "keep", 0));
    CO_TRY(const ProgressBoard::Place shown, on->progress->place(request));
    const auto done =
        co_await on->backups->backup(std::move(directory), static_cast<std::size_t>(keep), shown.progress());
    if (!done) co_return failure(refuse(done.error()));
    co_return json::object{{"point", done->point.name},          {"accounts", done->point.accounts},
                           {"bytes", done->point.octets()},      {"bytes_written", done->octets_written},
                           {"removed", to_array(done->removed)}, {"damage", to_array(done->point.damage)}};
}

async::Awaitable<Answer> restore(const Dependencies* on, Caller, json::object request) {
    if (!on->backups) co_return failure(no_backups());
    CO_TRY(std::string directory, required_text(request, "directory"));
    CO_TRY(const std::optional<std::string> point, optional_text(request, "point"));
    CO_TRY(message::EmailAddress address, required_address(request, "account"));
    store::RestoreWish wish;
    CO_TRY(wish.mailbox, optional_text(request, "mailbox"));
    CO_TRY(wish.message_id, optional_text(request, "message"));
    CO_TRY(wish.into, optional_text(request, "into"));
    const bool one = wish.message_id.has_value();
    if (wish.into && !one && !wish.mailbox)
        co_return failure(Refusal{400, "into is for one mailbox or one message: name which"});
    if (wish.into && !store::is_mailbox_name(store::canonical_mailbox_name(*wish.into)))
        co_return failure(Refusal{400, fmt::format("{} cannot be the name of a mailbox", *wish.into)});
    CO_TRY(const ProgressBoard::Place shown, on->progress->place(request));
    const auto source = co_await on->backups->open(std::move(directory), point.value_or(""));
    if (!source) co_return failure(refuse(source.error()));
    const auto restored =
        co_await on->backups->restore(source->get(), std::move(address), std::move(wish), shown.progress());
    if (!restored) co_return failure(refuse(restored.error()));
    if (one && restored->report.mailboxes.empty() && restored->report.problems.empty())
        co_return failure(
            Refusal{404, fmt::format("the backup of {} has no message with this Message-ID there", (*source)->name)});
    json::object answer = to_json(*restored);
    answer["point"] = (*source)->name;
    co_return answer;
}

async::Awaitable<Answer> restore_accounts(const Dependencies* on, Caller, json::object request) {
    if (!on->backups) co_return failure(no_backups());
    CO_TRY(std::string directory, required_text(request, "directory"));
    CO_TRY(const std::optional<std::string> point, optional_text(request, "point"));
    CO_TRY(std::string from, continuation(request));
    const auto source = co_await on->backups->open(std::move(directory), point.value_or(""));
    if (!source) co_return failure(refuse(source.error()));
    store::Engine* const engine = (*source)->engine.get();
    const auto page = co_await directory::stored_accounts(engine, std::move(from), kListingRowsMax);
    if (!page) co_return failure(refusal_for(page.error()));
    json::array accounts;
    for (const directory::Account& account : page->items)
        accounts.emplace_back(account.address.to_string());
    json::object answer{{"point", (*source)->name}, {"accounts", std::move(accounts)}};
    if (!page->next.empty()) answer["next"] = base64::encode(page->next);
    co_return answer;
}

async::Awaitable<Answer> backup_list(const Dependencies* on, Caller, json::object request) {
    if (!on->backups) co_return failure(no_backups());
    CO_TRY(std::string directory, required_text(request, "directory"));
    const auto found = co_await on->backups->points(std::move(directory));
    if (!found) co_return failure(refuse(found.error()));
    json::array points;
    for (const store::BackupPoint& point : found->points)
        points.push_back(to_json(point));
    json::object answer{{"points", std::move(points)}, {"unreadable", to_array(found->unreadable)}};
    if (found->checkup)
        answer["verified"] =
            json::object{{"time", print_time(found->checkup->time)}, {"problems", found->checkup->problems}};
    else
        answer["verified"] = json::value();
    co_return answer;
}

async::Awaitable<Answer> backup_verify(const Dependencies* on, Caller, json::object request) {
    if (!on->backups) co_return failure(no_backups());
    CO_TRY(std::string directory, required_text(request, "directory"));
    CO_TRY(const ProgressBoard::Place shown, on->progress->place(request));
    const auto check = co_await on->backups->verify(std::move(directory), shown.progress());
    if (!check) co_return failure(refuse(check.error()));
    co_return json::object{
        {"sound", check->damage.empty()}, {"bytes", check->octets}, {"damage", to_array(check->damage)}};
}

} // namespace

std::span<const Operation> backup_operations() {
    using enum Parameter::Kind;
    static constexpr Operation kOperations[] = {
        {"/backup",
         Access::change,
         "",
         backup,
         "Adds a point to a folder of backups",
         {{"directory", text, "The folder of the backups", true},
          {"keep", number, "How many points remain; 0: all"},
          kProgressParameter}},
        {"/backup/list",
         Access::read,
         "",
         backup_list,
         "The points of a folder of backups, and when all of it was last read",
         {{"directory", text, "The folder of the backups", true}}},
        {"/backup/verify",
         Access::change,
         "",
         backup_verify,
         "Reads all points of a folder of backups and compares every checksum",
         {{"directory", text, "The folder of the backups", true}, kProgressParameter}},
        {"/restore",
         Access::change,
         "",
         restore,
         "Brings mail of an account back from a backup",
         {{"directory", text, "The folder of the backups", true},
          {"point", text, "Which point: what its name begins with; without it the last"},
          {"account", text, "The account", true},
          {"mailbox", text, "Only this mailbox"},
          {"message", text, "Only the message with this Message-ID"},
          {"into", text, "Into this mailbox, made if need be; without it where it was"},
          kProgressParameter}},
        {"/restore/accounts",
         Access::read,
         "",
         restore_accounts,
         "The accounts that a backup has",
         {{"directory", text, "The folder of the backups", true},
          {"point", text, "Which point: what its name begins with; without it the last"},
          kFromParameter}},
    };
    return kOperations;
}

} // namespace tegami::admin
