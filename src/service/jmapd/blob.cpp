#include "service/jmapd/blob.h"

#include "message/card.h"
#include "protocol/jmap/mail/body_lists.h"
#include "service/jmapd/blob_id.h"

namespace tegami::jmapd {

namespace {

using store::ErrorCode;

std::unexpected<store::Error> fail(ErrorCode code, std::string detail) {
    return failure(store::Error{code, std::move(detail)});
}

store::StoreResult<store::PartPlace> find_part(store::BlobId blob, std::string_view card_octets,
                                               std::string_view name) {
    const auto card = message::decode_card(card_octets);
    if (!card) return fail(ErrorCode::damaged, "a card cannot be read");
    const message::Part* const part = jmap::find_part_of_id(card->root, name);
    if (part == nullptr) return fail(ErrorCode::not_found, "no such part");
    return store::PartPlace{
        .blob = blob, .offset = part->body_offset, .length = part->body_length, .encoding = part->encoding};
}

async::Awaitable<store::StoreResult<store::PartPlace>> find_in_email(store::AccountPtr account, EmailBlob name) {
    std::vector<store::EmailId> ids{name.email};
    CO_TRY(auto rows, co_await account->emails(ids));
    CO_TRY(const store::EmailRow row, std::move(rows.front()));
    if (name.part.empty()) co_return store::PartPlace{.blob = row.blob.id, .length = row.blob.size};
    CO_TRY(const store::Cards cards, co_await account->cards(std::move(ids)));
    CO_TRY(const std::string_view octets, cards.each.front());
    co_return find_part(row.blob.id, octets, name.part);
}

async::Awaitable<store::StoreResult<store::PartPlace>> find_in_upload(store::Store* store, UploadedBlob name) {
    // An upload that was collected is not there any more.
    CO_TRY_VOID(co_await store->read_blob(name.blob, 0, 1));
    if (name.part.empty()) co_return store::PartPlace{.blob = name.blob, .length = name.size};
    CO_TRY(const std::string card, co_await store->read_card(name.blob));
    if (card.empty()) co_return fail(ErrorCode::not_found, "it was never read as a message");
    co_return find_part(name.blob, card, name.part);
}

} // namespace

async::Awaitable<store::StoreResult<store::PartPlace>> find_blob(Service* service, store::AccountPtr account,
                                                                 store::AccountId reader, std::string id) {
    const auto name = parse_blob_id(id, account->id(), service->with.secret);
    if (!name) co_return fail(ErrorCode::not_found, "no such blob");
    const auto* const email = std::get_if<EmailBlob>(&*name);
    if (email == nullptr) co_return co_await find_in_upload(&service->with.store, std::get<UploadedBlob>(*name));
    if (reader != account->id()) {
        CO_TRY(const store::AccountViewPtr view, co_await store::view_account(account, reader));
        if (!view->find(email->email)) co_return fail(ErrorCode::not_found, "no such email");
    }
    co_return co_await find_in_email(std::move(account), *email);
}

async::Awaitable<store::StoreResult<store::PartPlace>> find_blob(const Call* call, std::string id) {
    co_return co_await find_blob(call->service, call->entered, call->reader(), std::move(id));
}

async::Awaitable<store::StoreResult<>> keep_for_an_hour(store::Store* store, store::AccountId account,
                                                        store::BlobId blob) {
    const std::string tag = "upload";
    store::Batch batch{.domain = {.kind = store::DomainKind::upload, .id = account.value},
                       .expected = {},
                       .assertions = {},
                       .operations = {store::AddReference{.blob = blob, .tag = tag},
                                      store::RemoveReference{.blob = blob, .tag = tag}}};
    CO_TRY_VOID(co_await store->engine().commit(std::move(batch)));
    co_return store::StoreResult<>{};
}

} // namespace tegami::jmapd
