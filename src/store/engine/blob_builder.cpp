#include "store/engine/blob_builder.h"

#include "base/assert.h"

#include <algorithm>

namespace tegami::store {

namespace {

constexpr int kHasteMax = 32;

} // namespace

Error from_disk(const disk::Error& error) {
    switch (error.code) {
    case disk::ErrorCode::no_space: return {ErrorCode::no_space, error.detail};
    case disk::ErrorCode::not_found: return {ErrorCode::not_found, error.detail};
    case disk::ErrorCode::exists:
    case disk::ErrorCode::locked:
    case disk::ErrorCode::io: break;
    }
    return {ErrorCode::unavailable, error.detail};
}

std::string PreparedBlob::joined() const {
    ASSERT(!spilled);
    std::string octets;
    octets.reserve(record_bytes);
    octets = head;
    for (const std::string& block : blocks)
        octets += block;
    return octets;
}

bool BlobBuilder::adopt(std::string& octets) {
    if (!tail_.empty() || must_spill() || octets.size() >= segment::kBlockBytes ||
        content_bytes_ + octets.size() > segment::kContentBytesMax)
        return false;
    content_bytes_ += octets.size();
    tail_ = std::move(octets);
    return true;
}

StoreResult<> BlobBuilder::take(std::string_view& octets) {
    while (!octets.empty() && !must_spill()) {
        if (content_bytes_ + octets.size() > segment::kContentBytesMax)
            return failure(Error{ErrorCode::invalid, "blob is too large"});
        const std::size_t size = std::min(octets.size(), segment::kBlockBytes - tail_.size());
        content_bytes_ += size;
        if (size == segment::kBlockBytes) {
            close_block(octets.substr(0, size));
        } else {
            if (tail_.size() + size > tail_.capacity())
                tail_.reserve(std::min(segment::kBlockBytes, 2 * (tail_.size() + size)));
            tail_.append(octets.substr(0, size));
            if (tail_.size() == segment::kBlockBytes) {
                close_block(tail_);
                std::string().swap(tail_); // the next block may never come
            }
        }
        octets.remove_prefix(size);
    }
    return {};
}

void BlobBuilder::close_block(std::string_view octets) {
    segment::StoredBlock block = segment::store_block(octets, haste_);
    // A picture in base64 does not compress, and its next block will not either; a text behind it is found again.
    haste_ = block.entry.compressed ? 1 : std::min(2 * haste_, kHasteMax);
    memory_bytes_ += block.octets.size();
    entries_.push_back(block.entry);
    blocks_.push_back(std::move(block.octets));
}

StoreResult<> BlobBuilder::spill(disk::FileSystem& disk, const std::string& directory) {
    if (!spilled_) {
        auto file = disk.temporary(directory);
        if (!file) return failure(from_disk(file.error()));
        spilled_ = *std::move(file);
    }
    const std::vector<std::string_view> pieces(blocks_.begin(), blocks_.end());
    const auto written = spilled_->write_at(spilled_bytes_, pieces);
    if (!written) return failure(from_disk(written.error()));
    spilled_bytes_ += memory_bytes_;
    blocks_.clear();
    memory_bytes_ = 0;
    return {};
}

/// Octets that are known at once, as blocks; their entries go behind those that the header has.
std::string BlobBuilder::add_blocks(std::string_view octets, segment::Header& header) {
    std::string stored;
    for (std::size_t at = 0; at < octets.size(); at += segment::kBlockBytes) {
        const segment::StoredBlock block = segment::store_block(octets.substr(at, segment::kBlockBytes));
        header.blocks.push_back(block.entry);
        stored += block.octets;
    }
    return stored;
}

StoreResult<PreparedBlob> BlobBuilder::finish(BlobId id, std::string_view card, std::string_view front) {
    if (card.size() > segment::kCardBytesMax) return failure(Error{ErrorCode::invalid, "card is too large"});
    if (front.size() > segment::kFrontBytesMax) return failure(Error{ErrorCode::invalid, "front matter is too large"});
    if (!tail_.empty()) close_block(tail_);
    segment::Header header{.id = id,
                           .card_bytes = static_cast<std::uint32_t>(card.size()),
                           .front_bytes = static_cast<std::uint32_t>(front.size()),
                           .body_bytes = content_bytes_};
    const std::string card_blocks = add_blocks(card, header);
    const std::string front_blocks = add_blocks(front, header);
    header.blocks.insert(header.blocks.end(), entries_.begin(), entries_.end());
    PreparedBlob blob{.ref = {id, header.content_bytes(), header.card_bytes}};
    blob.head = segment::encode_header(header) + card_blocks + front_blocks;
    blob.spilled = std::move(spilled_);
    blob.spilled_bytes = spilled_bytes_;
    blob.blocks = std::move(blocks_);
    blob.record_bytes = header.record_bytes;
    *this = {};
    return blob;
}

} // namespace tegami::store
