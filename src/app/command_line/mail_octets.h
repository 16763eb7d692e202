// The octets of one message on their way through the command line: in memory while they are few, else in a temporary
// file that has no name.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace tegami::app {

class MailOctets {
public:
    /// Octets that are held in memory.
    static constexpr std::size_t kHeldBytesMax = std::size_t{4} << 20;

    /// False: the temporary file cannot be written.
    bool append(std::string_view octets);

    std::uint64_t size() const { return size_; }

    bool has_nul() const { return has_nul_; }

    /// The beginning: all that is held in memory.
    std::string_view head() const { return head_; }

    /// What is held in memory of it.
    std::size_t memory_bytes() const { return head_.size(); }

    /// Before the first piece is read.
    void rewind();
    /// The next piece; empty at the end, or if the temporary file cannot be read.
    std::string read();

private:
    struct CloseFile {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };

    std::string head_;
    std::unique_ptr<std::FILE, CloseFile> rest_;
    std::uint64_t size_ = 0;
    bool has_nul_ = false;
    bool head_given_ = false;
};

} // namespace tegami::app
