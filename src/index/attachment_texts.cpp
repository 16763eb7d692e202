#include "index/attachment_texts.h"

#include "async/turns.h"
#include "index/writer.h"
#include "store/engine/scan.h"
#include "store/record_coding.h"

#include <algorithm>

namespace tegami::index {

namespace {

using store::Error;
using store::ErrorCode;
using store::StoreResult;

constexpr char kLetter = 'X';
/// Octets of text in a row, if the engine takes so many.
constexpr std::size_t kTextRowBytes = std::size_t{64} << 10;
/// What a row takes besides.
constexpr std::size_t kTextRowRestBytes = 16;
constexpr std::size_t kTextChecksumBytes = 4;
/// Rows read at once.
constexpr std::size_t kTextRowsAtOnce = 2;

/// A piece of a text.
struct TextPiece {
    bool ends_text = false;
    std::string_view text; ///< of the value
};

std::optional<TextPiece> decode_text(std::string_view key, std::string_view value) {
    if (value.size() <= kTextChecksumBytes) return std::nullopt;
    const std::string_view body = value.substr(0, value.size() - kTextChecksumBytes);
    bytes::Reader checksum(value.substr(body.size()));
    if (checksum.big_endian<std::uint32_t>() != bytes::crc32c(body, bytes::crc32c(key))) return std::nullopt;
    bytes::Reader in = store::record::open_value(body);
    const std::uint64_t ends = in.varint();
    if (in.failed() || ends > 1) return std::nullopt;
    return TextPiece{.ends_text = ends == 1, .text = in.rest()};
}

} // namespace

store::Range attachment_texts(EmailSpan emails) {
    return {.begin = store::record::key(kLetter, emails.first), .end = store::record::key(kLetter, emails.end)};
}

store::EmailId email_of_text(std::string_view key) {
    return store::EmailId(store::record::number32(key, 1));
}

std::vector<store::Put> attachment_text_rows(store::EmailId email, const std::vector<std::string>& texts,
                                             const store::Limits& limits) {
    const std::size_t most = std::min(kTextRowBytes, limits.value_bytes_max - kTextRowRestBytes);
    std::vector<store::Put> rows;
    for (const std::string& text : texts) {
        for (std::size_t at = 0; at < text.size(); at += most) {
            const auto number = static_cast<std::uint32_t>(rows.size());
            std::string key = store::record::key(kLetter, static_cast<std::uint32_t>(email.value), number);
            std::string value = store::record::begin_value();
            bytes::append_varint(value, text.size() - at <= most ? 1 : 0);
            value += std::string_view(text).substr(at, most);
            bytes::append_big_endian(value, bytes::crc32c(value, bytes::crc32c(key)));
            rows.push_back({std::move(key), std::move(value)});
        }
    }
    return rows;
}

async::Awaitable<StoreResult<>> AttachmentTexts::read(store::EmailId email, message::ReadableText::Sink* sink) {
    store::Engine* const engine = &store_->engine();
    if (!mark_) {
        CO_TRY(const CurrentIndex index, co_await read_index(engine, account_));
        mark_ = index.sound ? index.state.attachments.next_email : 0;
    }
    if (email.value >= *mark_) co_return StoreResult<>{};
    const StoreResult<> done = co_await read_rows(email, sink);
    if (done || done.error().code != ErrorCode::damaged) co_return done;
    log_->warning("the text of an attachment is damaged; it is read again",
                  {{"account", std::to_string(account_.value)}, {"email", std::to_string(email.value)}});
    const StoreResult<> forgotten = co_await forget_index(engine, account_);
    if (forgotten) store_->appends().tell(account_);
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<>> AttachmentTexts::read_rows(store::EmailId email, message::ReadableText::Sink* sink) {
    const auto number = static_cast<std::uint32_t>(email.value);
    store::Range range = attachment_texts({.first = number, .end = number + 1});
    range.rows_max = kTextRowsAtOnce;
    store::Scan scan(&store_->engine(), index_domain(account_), std::move(range));
    while (scan.more() && !sink->satisfied()) {
        CO_TRY(const store::Page page, co_await scan.next());
        for (const store::Row& row : page.rows) {
            const std::optional<TextPiece> piece = decode_text(row.key, row.value);
            if (!piece) co_return failure(Error{ErrorCode::damaged, "the text of an attachment"});
            sink->text(piece->text);
            if (piece->ends_text) sink->end_text();
            co_await async::give_way();
        }
    }
    co_return StoreResult<>{};
}

} // namespace tegami::index
