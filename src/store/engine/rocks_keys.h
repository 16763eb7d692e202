// Keys and the engine's own values in RocksDB, as in docs/formats/engine_rocksdb.md.
#pragma once

#include "store/engine/engine.h"
#include "store/engine/schema_mark.h"
#include "store/engine/segments.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::store::rocks {

/// Limit: a record up to this size is a row; a larger one lies in a segment.
inline constexpr std::size_t kInlineRecordBytesMax = 8 * 1024;

/// What every store of this kind takes. The records of 5,000 messages, which one APPEND may have, fit a batch.
inline constexpr Limits kLimits{
    .batch_bytes_max = 8u << 20, .batch_operations_max = 65536, .value_bytes_max = 1u << 20, .scan_rows_max = 1000};

inline constexpr char kVersionPrefix = 'V';
inline constexpr char kBlobPrefix = 'B';
inline constexpr char kReferencePrefix = 'R';
inline constexpr char kCandidatePrefix = 'C';
inline constexpr char kSegmentPrefix = 'G';
inline constexpr std::string_view kSchemaKey = "S";

/// Where a blob's record is: in a segment, or here.
struct IndexRecord {
    BlobRef ref;
    Location at;                               ///< if `record` is none
    std::shared_ptr<const std::string> record; ///< the record itself
};

/// How far a segment is synced, and how many octets of it records that are alive take.
struct SegmentUse {
    std::uint64_t end = 0;
    std::uint64_t live = 0;
};

std::string domain_prefix(Domain domain);
/// The first key after all rows of the domain.
std::string domain_end(Domain domain);
std::string row_key(Domain domain, std::string_view key);
std::string version_key(Domain domain);
std::string blob_key(BlobId blob);
std::string reference_key(BlobId blob, std::string_view tag);
std::string candidate_key(BlobId blob);
std::string segment_key(std::uint64_t number);
/// The first key after all keys with this prefix.
std::string prefix_end(std::string prefix);

std::string encode_number(std::uint64_t number);
std::optional<std::uint64_t> decode_number(std::string_view value);
std::string encode_index(const IndexRecord& record);
/// Decodes the value of a blob's row; nothing if it is damaged.
std::optional<IndexRecord> decode_index(BlobId blob, std::string_view value);
std::string encode_schema(SchemaMark mark);
std::optional<SchemaMark> decode_schema(std::string_view value);
std::string encode_use(const SegmentUse& use);
std::optional<SegmentUse> decode_use(std::string_view value);

/// The domain of a version key, the blob of a blob, reference or candidate key.
std::optional<Domain> domain_of_version_key(std::string_view key);
std::optional<BlobId> blob_of_key(std::string_view key);

/// For people: hexadecimal.
std::string text_of(BlobId blob);

} // namespace tegami::store::rocks
