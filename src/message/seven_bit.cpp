#include "message/seven_bit.h"

#include "base/ascii.h"
#include "message/header.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tegami::message {
namespace {

/// Their signatures cover the body (RFC 6376 §3.5, RFC 8617 §4.1.2).
constexpr std::array<std::string_view, 3> kSignatures{"DKIM-Signature", "DomainKey-Signature", "ARC-Message-Signature"};
constexpr std::string_view kEncodingField = "Content-Transfer-Encoding";

bool is_eight_bit(TransferEncoding encoding) {
    return encoding == TransferEncoding::eight_bit || encoding == TransferEncoding::binary;
}

/// The header with the encoding in place of what it says of it; `added`: whole fields that come with it.
std::string with_encoding(std::string_view octets, TransferEncoding encoding, std::string_view added) {
    const std::string field =
        std::string(kEncodingField) + ": " + std::string(name_of(encoding)) + "\r\n" + std::string(added);
    const Header header(octets);
    std::string out;
    bool written = false;
    std::size_t end = 0;
    for (const HeaderField& each : header.fields()) {
        end = each.offset + each.length;
        if (!ascii::iequals(header.name(each), kEncodingField)) {
            out += header.text(each);
        } else if (!std::exchange(written, true)) {
            out += field;
        }
    }
    if (!written) out += field;
    return out.append(octets.substr(std::min(end, octets.size())));
}

} // namespace

std::string_view describe(SevenBitObstacle obstacle) {
    switch (obstacle) {
    case SevenBitObstacle::is_signed: return "it is signed";
    case SevenBitObstacle::raw_header: return "its header has characters beyond ASCII";
    case SevenBitObstacle::odd_part: return "a part of it may not be encoded";
    case SevenBitObstacle::too_large: return "its headers are too large";
    }
    return "";
}

SevenBitPlace::Piece SevenBitPlace::take(std::vector<SevenBitRange>& ranges, std::string_view& octets) {
    while (next_ < ranges.size() && ranges[next_].end <= offset_)
        ++next_;
    SevenBitRange* const range = next_ < ranges.size() && ranges[next_].begin <= offset_ ? &ranges[next_] : nullptr;
    const std::uint64_t until = next_ == ranges.size() ? UINT64_MAX : range ? range->end : ranges[next_].begin;
    const std::string_view piece = octets.substr(0, std::min<std::uint64_t>(octets.size(), until - offset_));
    offset_ += piece.size();
    octets.remove_prefix(piece.size());
    return {.range = range, .octets = piece};
}

SevenBitPlanner::SevenBitPlanner(const Part& root, std::uint64_t from) : place_(from) {
    plan_.from = from;
    add(root);
}

void SevenBitPlanner::add(const Part& part) {
    signed_ = signed_ || part.content_type.is("multipart", "signed");
    const std::size_t header = plan_.ranges.size();
    const std::uint64_t end = part.header_offset + part.header_length;
    plan_.ranges.push_back({.kind = SevenBitRange::Kind::header,
                            .begin = std::clamp(part.header_offset, plan_.from, std::max(plan_.from, end)),
                            .end = std::max(plan_.from, end),
                            .header = header,
                            .declared = part.encoding,
                            .text = {}});
    if (part.children.empty()) {
        plan_.ranges.push_back({.kind = SevenBitRange::Kind::body,
                                .begin = part.body_offset,
                                .end = part.end(),
                                .header = header,
                                .declared = part.encoding,
                                .text = {}});
    }
    for (const Part& child : part.children)
        add(child);
}

void SevenBitPlanner::look(std::string_view octets) {
    while (!octets.empty()) {
        const auto [range, piece] = place_.take(plan_.ranges, octets);
        if (range != nullptr)
            look_at(*range, piece);
        else
            high_between_ = high_between_ || ascii::has_high_octet(piece);
    }
}

void SevenBitPlanner::look_at(SevenBitRange& range, std::string_view octets) {
    range.high = range.high || ascii::has_high_octet(octets);
    if (range.kind != SevenBitRange::Kind::header) return;
    header_bytes_ += octets.size();
    if (header_bytes_ <= kSevenBitHeaderBytesMax) range.text += octets;
}

Result<SevenBitPlan, SevenBitObstacle> SevenBitPlanner::finish() {
    if (header_bytes_ > kSevenBitHeaderBytesMax) return failure(SevenBitObstacle::too_large);
    const Header root(plan_.ranges.front().text);
    signed_ = signed_ || std::ranges::any_of(kSignatures, [&](std::string_view name) { return root.contains(name); });
    if (signed_) return failure(SevenBitObstacle::is_signed);
    if (high_between_) return failure(SevenBitObstacle::odd_part);
    for (SevenBitRange& range : plan_.ranges) {
        if (range.high && range.kind == SevenBitRange::Kind::header) return failure(SevenBitObstacle::raw_header);
        if (range.high) TRY_VOID(decide(range));
    }
    rewrite_headers();
    return std::move(plan_);
}

/// How a body with high octets is written.
Result<void, SevenBitObstacle> SevenBitPlanner::decide(SevenBitRange& body) {
    const SevenBitRange& range = plan_.ranges[body.header];
    const Header header(range.text);
    const auto type = parse_content_type(header.value("Content-Type").value_or("")).value_or(ContentType{});
    const bool odd = range.text.empty() || type.type == "multipart" || type.type == "message" ||
                     (body.declared != TransferEncoding::seven_bit && !is_eight_bit(body.declared));
    if (odd) return failure(SevenBitObstacle::odd_part);
    body.encode = type.type == "text" ? TransferEncoding::quoted_printable : TransferEncoding::base64;
    return {};
}

void SevenBitPlanner::rewrite_headers() {
    // RFC 2045 §6.2: no label may promise more bits than there are, of what holds other parts neither.
    std::vector<TransferEncoding> says(plan_.ranges.size(), TransferEncoding::seven_bit);
    for (const SevenBitRange& range : plan_.ranges)
        if (range.kind == SevenBitRange::Kind::body && range.high) says[range.header] = range.encode;
    for (std::size_t index = 0; index < plan_.ranges.size(); ++index) {
        SevenBitRange& range = plan_.ranges[index];
        if (range.kind != SevenBitRange::Kind::header) continue;
        const bool encoded = says[range.header] != TransferEncoding::seven_bit;
        if (!encoded && !is_eight_bit(range.declared)) continue;
        const Header header(range.text);
        std::string added;
        if (index == 0 && !header.contains("MIME-Version")) added = "MIME-Version: 1.0\r\n";
        // RFC 1428 §3: nobody knows what the octets mean.
        if (index == 0 && !header.contains("Content-Type"))
            added += "Content-Type: text/plain; charset=unknown-8bit\r\n";
        range.text = with_encoding(range.text, says[range.header], added);
    }
}

SevenBitWriter::SevenBitWriter(SevenBitPlan plan) : plan_(std::move(plan)), place_(plan_.from) {}

std::string SevenBitWriter::write(std::string_view octets) {
    std::string out;
    while (!octets.empty()) {
        const auto [range, piece] = place_.take(plan_.ranges, octets);
        if (range != nullptr && range->kind == SevenBitRange::Kind::header) {
            out += std::exchange(range->text, {});
        } else if (range == nullptr || !range->high) {
            out += piece;
        } else {
            if (!encoder_) encoder_.emplace(range->encode);
            encoder_->feed(piece, out);
            if (place_.offset() == range->end) {
                encoder_->finish(out);
                encoder_.reset();
            }
        }
    }
    return out;
}

} // namespace tegami::message
