#include "extraction/archives.h"

namespace tegami::extraction {

namespace {

constexpr char kWhole = 0;

/// What a job has written. It has read a stranger's archive, and is not believed more than that stranger.
Unpacked unpacked_from(std::string output) {
    using trust::UnpackError;
    if (output.empty()) return failure(UnpackError::damaged);
    const char last = output.back();
    output.pop_back();
    if (last == kWhole) return output;
    for (const UnpackError error : {UnpackError::too_large, UnpackError::several_files, UnpackError::unsupported})
        if (last == to_octet(failure(error))) return failure(error);
    return failure(UnpackError::damaged);
}

} // namespace

char to_octet(const Result<void, trust::UnpackError>& outcome) {
    return outcome ? kWhole : static_cast<char>(1 + static_cast<int>(outcome.error()));
}

std::optional<Unpacked> Archives::unpack(std::string octets) {
    if (octets.size() > trust::kPackedBytesMax) return Unpacked(failure(trust::UnpackError::too_large));
    if (!trust::is_archive(octets)) return Unpacked(std::move(octets));
    if (!helper_) return std::nullopt;
    constexpr int kAttempts = 2; // a helper may have ended since the last time
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
        helper_->begin(Format::archive);
        helper_->feed(octets);
        auto output = helper_->finish();
        if (output) return unpacked_from(*std::move(output));
    }
    return std::nullopt;
}

} // namespace tegami::extraction
