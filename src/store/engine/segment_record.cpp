#include "store/engine/segment_record.h"

#include "base/bytes.h"
#include "store/engine/blob_builder.h"

#include <algorithm>

namespace tegami::store::segment {

namespace {

constexpr std::size_t kWholeReadBytes = 128 * 1024; // a record up to this size is read in one go
constexpr std::size_t kCardReadBytes = 4 * 1024;    // header, block table and card of most records
constexpr std::size_t kVerifyBlocks = 64;

std::unexpected<Error> unsound(const char* what) {
    return failure(Error{ErrorCode::damaged, what});
}

/// Adds octets [offset, offset + length) of the part whose blocks begin at `first`; the range lies in the part.
StoreResult<> append_part(RecordSource& source, const Header& header, std::size_t first, std::uint64_t part_bytes,
                          std::uint64_t offset, std::uint64_t length, std::string& out) {
    if (length == 0) return {};
    const std::size_t begin = static_cast<std::size_t>(offset / kBlockBytes);
    const std::size_t end = blocks_for(offset + length);
    std::uint64_t at = header.header_bytes();
    for (std::size_t i = 0; i < first + begin; ++i)
        at += header.blocks[i].stored_bytes;
    std::size_t stored_bytes = 0;
    for (std::size_t i = begin; i < end; ++i)
        stored_bytes += header.blocks[first + i].stored_bytes;
    TRY(std::string_view stored, source.read(at, stored_bytes));
    if (stored.size() != stored_bytes) return unsound("record is cut off");
    const std::size_t out_begin = out.size();
    for (std::size_t i = begin; i < end; ++i) {
        const BlockEntry& entry = header.blocks[first + i];
        TRY_VOID(restore_block(entry, stored.substr(0, entry.stored_bytes), block_bytes(part_bytes, i), out));
        stored.remove_prefix(entry.stored_bytes);
    }
    // The first and the last block may say more than was asked for.
    out.erase(out_begin, static_cast<std::size_t>(offset - begin * kBlockBytes));
    out.resize(out_begin + static_cast<std::size_t>(length));
    return {};
}

StoreResult<> append_content(RecordSource& source, const Header& header, std::uint64_t offset, std::uint64_t length,
                             std::string& out) {
    if (offset >= header.content_bytes()) return {};
    const std::uint64_t end = offset + std::min(length, header.content_bytes() - offset);
    const std::size_t front_begin = header.card_blocks();
    const std::size_t body_begin = front_begin + header.front_blocks();
    const std::uint64_t front_end = std::min<std::uint64_t>(end, header.front_bytes);
    if (offset < front_end)
        TRY_VOID(append_part(source, header, front_begin, header.front_bytes, offset, front_end - offset, out));
    if (end <= header.front_bytes) return {};
    const std::uint64_t from = std::max<std::uint64_t>(offset, header.front_bytes) - header.front_bytes;
    return append_part(source, header, body_begin, header.body_bytes, from, end - header.front_bytes - from, out);
}

} // namespace

StoreResult<RecordSource> RecordSource::of_file(std::shared_ptr<disk::File> file, std::uint64_t offset,
                                                std::uint64_t record_bytes, Wanted wanted) {
    const std::size_t ahead = wanted == Wanted::card ? kCardReadBytes : kWholeReadBytes;
    auto octets = file->read_at(offset, static_cast<std::size_t>(std::min<std::uint64_t>(record_bytes, ahead)));
    if (!octets) return failure(from_disk(octets.error()));
    RecordSource source;
    source.file_ = std::move(file);
    source.offset_ = offset;
    source.record_bytes_ = record_bytes;
    source.kept_ = std::make_shared<const std::string>(*std::move(octets));
    source.ahead_ = *source.kept_;
    return source;
}

StoreResult<std::string_view> RecordSource::read(std::uint64_t offset, std::size_t length) {
    if (offset + length <= ahead_.size()) return ahead_.substr(static_cast<std::size_t>(offset), length);
    if (!file_) return offset < ahead_.size() ? ahead_.substr(static_cast<std::size_t>(offset)) : std::string_view();
    if (offset + length > record_bytes_) return unsound("record is shorter than its header says");
    auto octets = file_->read_at(offset_ + offset, length);
    if (!octets) return failure(from_disk(octets.error()));
    piece_ = *std::move(octets);
    return piece_;
}

StoreResult<Header> read_header(RecordSource& source) {
    TRY(const std::string_view fixed, source.read(0, kFixedHeaderBytes));
    TRY(const std::size_t size, header_bytes(fixed));
    TRY(const std::string_view octets, source.read(0, size));
    return decode_header(octets);
}

StoreResult<Header> read_header(RecordSource& source, BlobId id) {
    TRY(Header header, read_header(source));
    if (header.id != id) return unsound("the record is another blob's");
    return header;
}

StoreResult<std::string> read_content(RecordSource& source, const Header& header, std::uint64_t offset,
                                      std::uint64_t length) {
    std::string octets;
    TRY_VOID(append_content(source, header, offset, length, octets));
    return octets;
}

/// The blocks of the body are whole: the next piece begins where a block does.
StoreResult<BlobStart> read_start(RecordSource& source, const Header& header, std::uint64_t length) {
    static_assert(kReadPieceBytes % kBlockBytes == 0);
    BlobStart start;
    TRY_VOID(append_part(source, header, 0, header.card_bytes, 0, header.card_bytes, start.card));
    if (length == 0) return start;
    const std::uint64_t body = length - std::min<std::uint64_t>(length, header.front_bytes);
    const std::uint64_t whole = std::min<std::uint64_t>(body, header.body_bytes) + kBlockBytes - 1;
    TRY_VOID(append_content(source, header, 0, header.front_bytes + whole / kBlockBytes * kBlockBytes, start.octets));
    return start;
}

/// Reads kVerifyBlocks at a time.
StoreResult<> verify(RecordSource& source, const Header& header) {
    std::uint64_t at = header.header_bytes();
    for (std::size_t i = 0; i < header.blocks.size(); i += kVerifyBlocks) {
        const std::size_t end = std::min(header.blocks.size(), i + kVerifyBlocks);
        std::size_t size = 0;
        for (std::size_t k = i; k < end; ++k)
            size += header.blocks[k].stored_bytes;
        TRY(std::string_view rest, source.read(at, size));
        for (std::size_t k = i; k < end; ++k) {
            const std::string_view block = rest.substr(0, header.blocks[k].stored_bytes);
            if (block.size() != header.blocks[k].stored_bytes || bytes::crc32c(block) != header.blocks[k].crc)
                return unsound("block checksum");
            rest.remove_prefix(block.size());
        }
        at += size;
    }
    return {};
}

} // namespace tegami::store::segment
