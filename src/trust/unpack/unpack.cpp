#define ZLIB_CONST
#include "trust/unpack/unpack.h"

#include "base/assert.h"

#include <zip.h>
#include <zlib.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <span>
#include <vector>

namespace tegami::trust {
namespace {

/// Passes pieces on as long as the limits hold.
class BoundedOutput {
public:
    BoundedOutput(std::size_t packed_bytes, const TakePiece& take)
        : limit_(std::min(kUnpackedBytesMax, std::max(kUnpackedBytesFree, packed_bytes * kUnpackRatioMax))),
          take_(take) {}

    Result<void, UnpackError> put(std::string_view piece) {
        bytes_ += piece.size();
        if (bytes_ > limit_) return failure(UnpackError::too_large);
        if (!piece.empty() && !take_(piece)) return failure(UnpackError::stopped);
        return {};
    }

private:
    std::size_t limit_;
    std::size_t bytes_ = 0;
    const TakePiece& take_;
};

void set_input(z_stream& stream, std::string_view octets) {
    stream.next_in = reinterpret_cast<const unsigned char*>(octets.data());
    stream.avail_in = static_cast<uInt>(octets.size());
}

void set_output(z_stream& stream, std::span<char> room) {
    stream.next_out = reinterpret_cast<unsigned char*>(room.data());
    stream.avail_out = static_cast<uInt>(room.size());
}

constexpr int kGzipOnly = 16 + MAX_WBITS;

Result<void, UnpackError> unpack_plain(std::string_view octets, BoundedOutput& output) {
    for (; !octets.empty(); octets.remove_prefix(std::min(octets.size(), kUnpackPieceBytes)))
        TRY_VOID(output.put(octets.substr(0, kUnpackPieceBytes)));
    return {};
}

bool is_gzip(std::string_view octets) {
    return octets.starts_with("\x1f\x8b");
}

/// RFC 1952; several members are one file (§2.2). What follows them is not looked at.
Result<void, UnpackError> unpack_gzip(std::string_view octets, BoundedOutput& output) {
    z_stream stream{};
    if (inflateInit2(&stream, kGzipOnly) != Z_OK) return failure(UnpackError::damaged);
    const std::unique_ptr<z_stream, decltype(&inflateEnd)> guard(&stream, &inflateEnd);
    set_input(stream, octets);
    std::vector<char> piece(kUnpackPieceBytes);
    while (true) {
        set_output(stream, piece);
        const int status = inflate(&stream, Z_NO_FLUSH);
        TRY_VOID(output.put({piece.data(), piece.size() - stream.avail_out}));
        if (status == Z_STREAM_END) {
            if (!is_gzip(octets.substr(octets.size() - stream.avail_in))) return {};
            if (inflateReset(&stream) != Z_OK) return failure(UnpackError::damaged);
        } else if (status != Z_OK) {
            // Z_BUF_ERROR is the end of the input before that of the file.
            return failure(UnpackError::damaged);
        }
    }
}

bool is_zip(std::string_view octets) {
    return octets.starts_with("PK\x03\x04") || octets.starts_with("PK\x05\x06");
}

struct CloseZip {
    void operator()(zip_t* archive) const { zip_discard(archive); }

    void operator()(zip_file_t* file) const { zip_fclose(file); }
};

std::unique_ptr<zip_t, CloseZip> open_zip(std::string_view octets) {
    zip_source_t* source = zip_source_buffer_create(octets.data(), octets.size(), 0, nullptr);
    if (source == nullptr) return nullptr;
    std::unique_ptr<zip_t, CloseZip> archive(zip_open_from_source(source, ZIP_RDONLY, nullptr));
    if (!archive) zip_source_free(source);
    return archive;
}

Result<void, UnpackError> unpack_zip(std::string_view octets, BoundedOutput& output) {
    const auto archive = open_zip(octets);
    if (!archive) return failure(UnpackError::damaged);
    if (zip_get_num_entries(archive.get(), 0) != 1) return failure(UnpackError::several_files);
    zip_stat_t about{};
    if (zip_stat_index(archive.get(), 0, 0, &about) != 0) return failure(UnpackError::damaged);
    constexpr zip_uint64_t kNeeded = ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
    if ((about.valid & kNeeded) != kNeeded || about.encryption_method != ZIP_EM_NONE ||
        (about.comp_method != ZIP_CM_DEFLATE && about.comp_method != ZIP_CM_STORE))
        return failure(UnpackError::unsupported);
    const std::unique_ptr<zip_file_t, CloseZip> file(zip_fopen_index(archive.get(), 0, 0));
    if (!file) return failure(UnpackError::damaged);
    std::vector<char> piece(kUnpackPieceBytes);
    while (true) {
        // The end of the file is reported only after its checksum was right.
        const zip_int64_t size = zip_fread(file.get(), piece.data(), piece.size());
        if (size < 0) return failure(UnpackError::damaged);
        if (size == 0) return {};
        TRY_VOID(output.put({piece.data(), static_cast<std::size_t>(size)}));
    }
}

} // namespace

bool is_archive(std::string_view octets) {
    return is_gzip(octets) || is_zip(octets);
}

Result<void, UnpackError> unpack(std::string_view octets, const TakePiece& take) {
    if (octets.size() > kPackedBytesMax) return failure(UnpackError::too_large);
    BoundedOutput output(octets.size(), take);
    if (is_gzip(octets)) return unpack_gzip(octets, output);
    if (is_zip(octets)) return unpack_zip(octets, output);
    return unpack_plain(octets, output);
}

std::string gzip(std::string_view octets) {
    z_stream stream{};
    constexpr int kMemoryLevel = 8;
    ASSERT(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzipOnly, kMemoryLevel, Z_DEFAULT_STRATEGY) == Z_OK);
    const std::unique_ptr<z_stream, decltype(&deflateEnd)> guard(&stream, &deflateEnd);
    std::string out(deflateBound(&stream, octets.size()), '\0');
    ASSERT(out.size() <= std::numeric_limits<uInt>::max());
    set_input(stream, octets);
    set_output(stream, out);
    ASSERT(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(out.size() - stream.avail_out);
    return out;
}

} // namespace tegami::trust
