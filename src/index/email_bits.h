// A set of emails of one segment: a bit for each id from the segment's first on.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tegami::index {

class EmailBits {
public:
    EmailBits() = default;

    explicit EmailBits(std::size_t count, bool all = false) : words_((count + 63) / 64, all ? ~std::uint64_t{0} : 0) {}

    void add(std::size_t at) { words_[at / 64] |= std::uint64_t{1} << at % 64; }

    /// Those of the 64 from `at` on whose bit is set; none may be beyond the end.
    void add_word(std::size_t at, std::uint64_t bits) {
        words_[at / 64] |= bits << at % 64;
        const std::uint64_t rest = at % 64 == 0 ? 0 : bits >> (64 - at % 64);
        if (rest != 0) words_[at / 64 + 1] |= rest;
    }

    /// False beyond the end.
    bool contains(std::size_t at) const { return at / 64 < words_.size() && (words_[at / 64] >> at % 64 & 1) != 0; }

    void add_all(const EmailBits& others) {
        for (std::size_t word = 0; word < words_.size(); ++word)
            words_[word] |= others.words_[word];
    }

    void keep_only(const EmailBits& others) {
        for (std::size_t word = 0; word < words_.size(); ++word)
            words_[word] &= others.words_[word];
    }

    std::size_t count() const {
        std::size_t bits = 0;
        for (const std::uint64_t word : words_)
            bits += static_cast<std::size_t>(std::popcount(word));
        return bits;
    }

private:
    std::vector<std::uint64_t> words_;
};

} // namespace tegami::index
