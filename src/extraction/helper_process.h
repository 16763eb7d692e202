// What the process that makes helpers, and each helper, does.
#pragma once

namespace tegami::extraction {

/// The first descriptors behind the standard ones: of the maker, and of a helper.
inline constexpr int kControl = 3;
inline constexpr int kRequests = 3;
inline constexpr int kAnswers = 4;

/// Gives up rights, says at kControl which formats can be read, and makes a helper of each pair of pipes that comes there, until
/// the server is gone. Returns the exit status.
int make_helpers();

} // namespace tegami::extraction
