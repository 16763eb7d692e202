// What the helper does in its own process.
#pragma once

namespace tegami::extraction {

/// Gives up rights, says which formats it can read, and has attachments read until the server is gone. Returns the exit
/// status.
int serve(int requests, int answers);

} // namespace tegami::extraction
