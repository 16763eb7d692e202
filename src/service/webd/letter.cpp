#include "service/webd/letter.h"

#include "message/charset.h"
#include "service/webd/letter_addresses.h"
#include "store/part_reader.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace tegami::webd {

namespace {

using store::ErrorCode;
using store::StoreResult;

/// Of an octet of HTML as stored: itself, as UTF-8, and as it is looked through.
constexpr std::uint64_t kMemoryPerOctet = 6;

void find_html(const message::Part& part, std::vector<const message::Part*>& all) {
    if (part.children.empty() && part.content_type.is("text", "html")) all.push_back(&part);
    for (const message::Part& child : part.children)
        find_html(child, all);
}

async::Awaitable<StoreResult<std::string>> read_part(store::Store* store, store::PartPlace place) {
    store::PartReader reader(store, place);
    std::string whole;
    for (;;) {
        CO_TRY(const std::string piece, co_await reader.next());
        if (piece.empty()) co_return whole;
        whole += piece;
    }
}

} // namespace

async::Awaitable<StoreResult<Letter>> find_letter(store::Store* store, store::AccountId account, store::EmailId email) {
    CO_TRY(const store::AccountPtr owner, co_await store->account(account));
    std::vector<store::EmailId> ids{email};
    CO_TRY(auto rows, co_await owner->emails(ids));
    CO_TRY(const store::EmailRow row, std::move(rows.front()));
    CO_TRY(const store::Cards cards, co_await owner->cards(std::move(ids)));
    CO_TRY(const std::string_view octets, cards.each.front());
    auto card = message::decode_card(octets);
    if (!card) co_return failure(store::Error{ErrorCode::damaged, "a card cannot be read"});
    co_return Letter{.blob = row.blob.id, .card = *std::move(card)};
}

async::Awaitable<StoreResult<std::string>> read_header(store::Store* store, const Letter* letter) {
    const auto size = std::min<std::uint64_t>(letter->card.header_size, message::kHeaderBytesMax);
    co_return co_await store->read_blob(letter->blob, 0, size);
}

async::Awaitable<StoreResult<bool>> letter_names(store::Store* store, async::WorkerPool* workers, MemoryBudget* memory,
                                                 const Letter* letter, net::WebUrl url) {
    std::vector<const message::Part*> parts;
    find_html(letter->card.root, parts);
    std::uint64_t left = kLetterHtmlBytesMax;
    for (const message::Part* const part : parts) {
        if (part->body_length > left) co_return false;
        left -= part->body_length;
        MemoryBudget::Charge charge(memory);
        if (!charge.resize(part->body_length * kMemoryPerOctet))
            co_return failure(store::Error{ErrorCode::unavailable, "the server is too busy to look into a letter"});
        const store::PartPlace place{
            .blob = letter->blob, .offset = part->body_offset, .length = part->body_length, .encoding = part->encoding};
        CO_TRY(std::string octets, co_await read_part(store, place));
        auto look = [octets = std::move(octets), charset = part->content_type.parameter("charset"), url] {
            return names_address(message::to_utf8_guessing(octets, charset), url);
        };
        const bool found = co_await async::run(workers, std::move(look));
        if (found) co_return true;
    }
    co_return false;
}

} // namespace tegami::webd
