#include "app/command_line/mail_octets.h"

namespace tegami::app {

namespace {

constexpr std::size_t kMailPieceBytes = std::size_t{256} << 10;

} // namespace

bool MailOctets::append(std::string_view octets) {
    size_ += octets.size();
    has_nul_ = has_nul_ || octets.contains('\0');
    if (!rest_ && head_.size() + octets.size() <= kHeldBytesMax) {
        head_ += octets;
        return true;
    }
    if (!rest_) rest_.reset(std::tmpfile());
    return rest_ && std::fwrite(octets.data(), 1, octets.size(), rest_.get()) == octets.size();
}

void MailOctets::rewind() {
    head_given_ = false;
    // If it fails, read() gives less than there should be, and the server refuses what is cut off.
    if (rest_) (void)std::fseek(rest_.get(), 0, SEEK_SET);
}

std::string MailOctets::read() {
    if (!head_given_ && !head_.empty()) {
        head_given_ = true;
        return head_;
    }
    if (!rest_) return {};
    std::string piece(kMailPieceBytes, '\0');
    piece.resize(std::fread(piece.data(), 1, piece.size(), rest_.get()));
    return piece;
}

} // namespace tegami::app
