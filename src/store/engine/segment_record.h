// Reading one record of a segment (docs/formats/segments.md) with as little copying as it allows. Every call may block.
#pragma once

#include "disk/file_system.h"
#include "store/engine/engine.h"
#include "store/engine/segment_format.h"

#include <memory>
#include <string>
#include <string_view>

namespace tegami::store::segment {

/// The octets of one record, in memory or in a file; one thread's.
class RecordSource {
public:
    /// In memory as a whole; the octets outlive the source.
    explicit RecordSource(std::string_view record) : ahead_(record), record_bytes_(record.size()) {}

    /// What is wanted of a record in a file decides how much of it is read at once.
    enum class Wanted : std::uint8_t { card, content };

    /// In a file, where it has so many octets. Errors: unavailable, damaged.
    static StoreResult<RecordSource> of_file(std::shared_ptr<disk::File> file, std::uint64_t offset,
                                             std::uint64_t record_bytes, Wanted wanted = Wanted::content);

    /// Octets counted from the record's beginning, fewer where it ends; good until the next call. Errors: damaged,
    /// unavailable.
    StoreResult<std::string_view> read(std::uint64_t offset, std::size_t length);

private:
    RecordSource() = default;

    std::shared_ptr<disk::File> file_; ///< none if all octets are there
    std::uint64_t offset_ = 0;
    std::shared_ptr<const std::string> kept_; ///< what `ahead_` lies in, if it is ours
    std::string_view ahead_;
    std::uint64_t record_bytes_ = 0;
    std::string piece_;
};

/// Errors: damaged, unavailable.
StoreResult<Header> read_header(RecordSource& source);
/// The same of a record that ought to be this blob's. Errors: damaged (also: it is another one's), unavailable.
StoreResult<Header> read_header(RecordSource& source, BlobId id);

/// Octets [offset, offset + length) of the content, as far as there are any.
StoreResult<std::string> read_content(RecordSource& source, const Header& header, std::uint64_t offset,
                                      std::uint64_t length);

/// The card, and what Engine::read_starts() gives of the content.
StoreResult<BlobStart> read_start(RecordSource& source, const Header& header, std::uint64_t length);

/// Checks every block of the record.
StoreResult<> verify(RecordSource& source, const Header& header);

} // namespace tegami::store::segment
