// The rule that the index rests on: a text that holds a needle has a term for each piece of the needle's plan; and where
// the plan is exact, a text with such a term holds the needle.
#include "index/near_words.h"
#include "index/terms.h"
#include "message/text.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace tegami::index;

class Terms final : public TermSplitter::Sink {
public:
    void term(std::string_view term) override {
        if (term.empty() || term.size() > kTermBytesMax || term.contains('\0')) __builtin_trap();
        all.emplace_back(term);
    }

    std::vector<std::string> all;
};

bool fits(const Piece& piece, std::string_view term) {
    switch (piece.fit) {
    case Piece::Fit::whole: return term == piece.text;
    case Piece::Fit::prefix: return term.starts_with(piece.text);
    case Piece::Fit::suffix: return term.ends_with(piece.text);
    case Piece::Fit::inside: break;
    }
    return term.contains(piece.text);
}

/// Whatever a word is, it has stems, and is near to itself where the index looks for it.
void check_near(const std::string& word) {
    static const Stemmers kAll = [] {
        std::vector<std::size_t> numbers;
        for (std::size_t at = 0; at < languages().size(); ++at)
            numbers.push_back(at);
        return Stemmers(numbers);
    }();
    const NearWord near(word, NearWord::By::form, &kAll);
    const bool looked_at =
        std::ranges::any_of(near.beginnings(), [&](const std::string& b) { return word.starts_with(b); });
    if (!looked_at || near.nearness(word) != kSameWord) __builtin_trap();
    (void)near.nearness(word.substr(0, word.size() / 2));
    (void)NearWord(word, NearWord::By::spelling, &kAll).nearness(word + "x");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::string_view octets(reinterpret_cast<const char*>(data) + 2, size - 2);
    const std::string text = tegami::message::fold_for_search(octets);
    // A stretch of the octets may be in the folded text or not; mostly it is.
    const std::size_t first = data[0] * octets.size() / 256;
    const std::string needle = tegami::message::fold_for_search(octets.substr(first, data[1]));
    Terms terms;
    TermSplitter splitter(&terms);
    splitter.feed(text);
    splitter.finish();
    const NeedlePlan plan = plan_needle(needle);
    const bool all = std::ranges::all_of(plan.pieces, [&](const Piece& piece) {
        return std::ranges::any_of(terms.all, [&](const std::string& term) { return fits(piece, term); });
    });
    const bool holds = text.contains(needle);
    if (holds && !all) __builtin_trap();
    if (plan.exact && all != holds) __builtin_trap();
    for (const NeedleWord& word : words_of_needle(needle))
        if (!word.dense) check_near(word.text);
    return 0;
}
