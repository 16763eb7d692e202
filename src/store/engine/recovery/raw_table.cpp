#include "store/engine/recovery/raw_table.h"

#include "base/bytes.h"

#include <lz4.h>
#include <xxhash.h>

#include <optional>
#include <vector>

namespace tegami::store::rocks {

namespace {

/// Limit: a block holds one value of at most 1 MiB, or rows of some 4 KiB.
constexpr std::size_t kBlockBytesMax = 3u << 20;
constexpr std::size_t kTrailerBytes = 5; // kind of compression, checksum
constexpr std::size_t kKeySuffixBytes = 8;
constexpr char kPlain = 0;
constexpr char kLz4 = 4;

std::uint32_t little_endian(std::string_view octets) {
    std::uint32_t number = 0;
    for (std::size_t i = 4; i-- > 0;)
        number = number << 8 | static_cast<unsigned char>(octets[i]);
    return number;
}

/// RocksDB's checksum of a block (kXXH3): the lower half of the hash, and the octet that says how it is compressed.
std::uint32_t checksum(std::string_view content, char kind) {
    constexpr std::uint32_t kLastOctetFactor = 0x6b9083d9;
    return static_cast<std::uint32_t>(XXH3_64bits(content.data(), content.size())) ^
           static_cast<unsigned char>(kind) * kLastOctetFactor;
}

/// Octets of the block that begins here, with its kind of compression but without its checksum. Wherever an octet could
/// be a kind of compression, the checksum behind it tells: some thirty tries for a block of the usual size.
std::optional<std::size_t> block_size(std::string_view octets) {
    for (std::size_t size = kTrailerBytes; size <= kBlockBytesMax && size + 4 <= octets.size(); ++size) {
        const char kind = octets[size - 1];
        if ((kind == kPlain || kind == kLz4) &&
            checksum(octets.substr(0, size - 1), kind) == little_endian(octets.substr(size)))
            return size;
    }
    return std::nullopt;
}

std::optional<std::string> content_of(std::string_view block) {
    const char kind = block.back();
    block.remove_suffix(1);
    if (kind == kPlain) return std::string(block);
    bytes::Reader reader(block);
    const std::uint64_t size = reader.varint();
    if (reader.failed() || size > kBlockBytesMax) return std::nullopt;
    std::string content(size, '\0');
    const int restored = LZ4_decompress_safe(reader.rest().data(), content.data(),
                                             static_cast<int>(reader.rest().size()), static_cast<int>(size));
    if (restored < 0 || static_cast<std::uint64_t>(restored) != size) return std::nullopt;
    return content;
}

/// A row whose key is kept until the block was found to be whole.
struct HeldRow {
    std::string key;
    std::string_view value;
    std::uint64_t suffix;
};

/// The rows of a block; nothing if it is no block of rows.
std::optional<std::vector<HeldRow>> rows_of(std::string_view content, std::string last) {
    if (content.size() < 4) return std::nullopt;
    const std::uint64_t restarts = little_endian(content.substr(content.size() - 4));
    if (restarts == 0 || (restarts + 1) * 4 > content.size()) return std::nullopt;
    bytes::Reader reader(content.substr(0, content.size() - (restarts + 1) * 4));
    std::vector<HeldRow> rows;
    std::string key; // with its suffix
    while (!reader.rest().empty()) {
        const std::uint64_t shared = reader.varint();
        const std::uint64_t fresh = reader.varint();
        const std::uint64_t value = reader.varint();
        if (reader.failed() || shared > key.size() || fresh > reader.rest().size()) return std::nullopt;
        key.resize(shared);
        key += reader.take(fresh);
        if (key.size() < kKeySuffixBytes || value > reader.rest().size()) return std::nullopt;
        std::uint64_t suffix = 0;
        for (std::size_t i = 0; i < kKeySuffixBytes; ++i)
            suffix = suffix << 8 | static_cast<unsigned char>(key[key.size() - 1 - i]);
        HeldRow row{key.substr(0, key.size() - kKeySuffixBytes), reader.take(value), suffix};
        const auto type = static_cast<unsigned char>(suffix);
        if ((type != 0 && type != 1 && type != 7) || row.key < last) return std::nullopt;
        last = row.key;
        rows.push_back(std::move(row));
    }
    return rows;
}

} // namespace

std::uint64_t read_raw_table(std::string_view octets, const std::function<void(const RawRow&)>& take) {
    std::uint64_t at = 0;
    std::string last;
    while (const auto size = block_size(octets.substr(at))) {
        const auto content = content_of(octets.substr(at, *size));
        if (!content) break;
        const auto rows = rows_of(*content, last);
        if (!rows) break; // behind the last block of rows come others
        for (const HeldRow& row : *rows)
            take({row.key, row.value, row.suffix >> 8, static_cast<unsigned char>(row.suffix) != 1});
        if (!rows->empty()) last = rows->back().key;
        at += *size + 4;
    }
    return at;
}

} // namespace tegami::store::rocks
