#include "service/jmapd/blob_reader.h"

#include "message/card.h"
#include "protocol/jmap/mail/body_lists.h"
#include "service/jmapd/blob_id.h"

#include <algorithm>

namespace tegami::jmapd {

namespace {

using store::ErrorCode;

std::unexpected<store::Error> fail(ErrorCode code, std::string detail) {
    return failure(store::Error{code, std::move(detail)});
}

async::Awaitable<store::StoreResult<FoundBlob>> find_in_email(store::AccountPtr account, EmailBlob name) {
    std::vector<store::EmailId> ids{name.email};
    CO_TRY(auto rows, co_await account->emails(ids));
    CO_TRY(const store::EmailRow row, std::move(rows.front()));
    if (name.part.empty()) co_return FoundBlob{.blob = row.blob.id, .length = row.blob.size};
    CO_TRY(const store::Cards cards, co_await account->cards(std::move(ids)));
    CO_TRY(const std::string_view octets, cards.each.front());
    const auto card = message::decode_card(octets);
    if (!card) co_return fail(ErrorCode::damaged, "a card cannot be read");
    const message::Part* const part = jmap::find_part_of_id(card->root, name.part);
    if (part == nullptr) co_return fail(ErrorCode::not_found, "no such part");
    co_return FoundBlob{
        .blob = row.blob.id, .offset = part->body_offset, .length = part->body_length, .encoding = part->encoding};
}

} // namespace

bool FoundBlob::is_plain() const {
    return encoding != message::TransferEncoding::base64 && encoding != message::TransferEncoding::quoted_printable;
}

async::Awaitable<store::StoreResult<FoundBlob>> find_blob(Service* service, store::AccountPtr account, std::string id) {
    const auto name = parse_blob_id(id, account->id(), service->with.secret);
    if (!name) co_return fail(ErrorCode::not_found, "no such blob");
    if (const auto* const email = std::get_if<EmailBlob>(&*name))
        co_return co_await find_in_email(std::move(account), *email);
    const auto& upload = std::get<UploadedBlob>(*name);
    // An upload that was collected is not there any more.
    CO_TRY_VOID(co_await service->with.store.read_blob(upload.blob, 0, 1));
    co_return FoundBlob{.blob = upload.blob, .length = upload.size};
}

async::Awaitable<store::StoreResult<std::string>> BlobReader::next() {
    std::string decoded;
    while (decoded.empty() && !finished_) {
        if (rest_.length == 0) {
            decoder_.finish(decoded);
            finished_ = true;
            break;
        }
        const std::uint64_t wanted = std::min<std::uint64_t>(rest_.length, store::kReadPieceBytes);
        CO_TRY(const std::string octets, co_await store_->read_blob(rest_.blob, rest_.offset, wanted));
        if (octets.size() != wanted) co_return fail(ErrorCode::damaged, "a blob is shorter than it should be");
        rest_.offset += wanted;
        rest_.length -= wanted;
        decoder_.feed(octets, decoded);
    }
    co_return decoded;
}

} // namespace tegami::jmapd
