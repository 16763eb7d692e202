#include "disk/system_error.h"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

namespace tegami::disk {

namespace {

ErrorCode code_of(int number) {
    switch (number) {
    case ENOENT: return ErrorCode::not_found;
    case EEXIST: return ErrorCode::exists;
    case EWOULDBLOCK: return ErrorCode::locked;
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return ErrorCode::no_space;
    default: return ErrorCode::io;
    }
}

} // namespace

std::unexpected<Error> system_error(std::string_view what, const std::string& path) {
    const int number = errno;
    return failure(
        Error{code_of(number), fmt::format("{} {}: {}", what, path, std::generic_category().message(number))});
}

} // namespace tegami::disk
