#include "index/ranking.h"

#include "async/turns.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

namespace tegami::index {

namespace {

using store::StoreResult;

/// What finding out whether a term is near costs, in octets of postings decoded: some stems are made.
constexpr std::size_t kNearWork = 1024;
/// Emails whose scores are added up before others get their turn.
constexpr std::size_t kTurnRanked = 4096;
/// So many weights are gone through in the time that an octet of postings is decoded.
constexpr std::size_t kWeightsFactor = 4;

/// What it counts for that a word is in a field, in their order.
constexpr std::array<float, kFields> kFieldWeights{0.9F, 0.7F, 0.6F, 0.6F, 1.0F, 0.3F, 0.5F};

/// Notes the best of the places where an email has a word.
class WeightSink final : public HitSink {
public:
    /// Without a word every term that fits is the right one.
    WeightSink(const NearWord* word, FieldMask fields, std::uint32_t emails)
        : word_(word), fields_(fields), emails_(emails), weights_(emails) {}

    bool wants(std::string_view term) override { return nearness(term) > 0; }

    std::size_t work_per_term() const override { return word_ == nullptr ? HitSink::work_per_term() : kNearWork; }

    bool take(std::string_view term, const EncodedPostings& postings) override {
        const float near = nearness(term);
        return read_postings(postings, fields_, emails_, [&](Field field, std::uint32_t email) {
            const float weight = near * kFieldWeights[static_cast<std::size_t>(field)];
            weights_[email] = std::max(weights_[email], static_cast<std::uint8_t>(std::lround(255 * weight)));
        });
    }

    std::vector<std::uint8_t>& weights() { return weights_; }

private:
    float nearness(std::string_view term) const { return word_ == nullptr ? kSameWord : word_->nearness(term); }

    const NearWord* word_;
    FieldMask fields_;
    std::uint32_t emails_;
    std::vector<std::uint8_t> weights_;
};

} // namespace

Ranking::Ranking(std::string_view folded, FieldMask fields) : fields_(fields) {
    for (NeedleWord& word : words_of_needle(folded)) {
        if (words_.size() == kRankedWordsMax) break;
        words_.push_back({.text = std::move(word)});
    }
}

async::Awaitable<StoreResult<Ranking::Weights>> Ranking::weigh(SegmentReader* reader, const Stemmers* stemmers,
                                                               const Word* word) const {
    const std::uint32_t emails = reader->segment().span();
    if (!word->text.dense) {
        const NearWord near(word->text.text, word->by, stemmers);
        WeightSink sink(&near, fields_, emails);
        for (const std::string& beginning : near.beginnings()) {
            SegmentReader::Search search{{Piece::Fit::prefix, beginning}, fields_, &sink};
            CO_TRY_VOID(co_await reader->find(std::move(search)));
        }
        co_return std::move(sink.weights());
    }
    Weights all(emails, 255);
    std::size_t pieces = 0;
    for (const Piece& piece : word->text.pieces) {
        if (++pieces > kRankedWordsMax) break;
        WeightSink sink(nullptr, fields_, emails);
        const std::vector<SegmentReader::Search> searches{{piece, fields_, &sink}};
        if (piece.fit == Piece::Fit::whole) {
            CO_TRY_VOID(co_await reader->find(searches.front()));
        } else {
            CO_TRY_VOID(co_await reader->look_at_all(&searches));
        }
        for (std::size_t email = 0; email < emails; ++email)
            all[email] = std::min(all[email], sink.weights()[email]);
        if (reader->note_work(emails / kWeightsFactor)) {
            co_await reader->give_way();
        }
    }
    co_return std::move(all);
}

async::Awaitable<StoreResult<>> Ranking::look_into(SegmentReader* reader, const Stemmers* stemmers,
                                                   std::uint32_t segment, EmailBits* found) {
    const std::uint32_t emails = reader->segment().span();
    *found = EmailBits(emails, !words_.empty());
    std::vector<Weights> by_word;
    for (Word& word : words_) {
        CO_TRY(Weights weights, co_await weigh(reader, stemmers, &word));
        EmailBits have(emails);
        for (std::uint32_t email = 0; email < emails; ++email) {
            if (weights[email] == 0) continue;
            have.add(email);
            ++word.emails;
        }
        found->keep_only(have);
        by_word.push_back(std::move(weights));
        if (reader->note_work(emails / kWeightsFactor)) {
            co_await reader->give_way();
        }
    }
    for (std::uint32_t email = 0; email < emails; ++email) {
        if (!found->contains(email) || matches_.size() == kScoredEmailsMax) continue;
        matches_.push_back({.segment = segment, .email = email});
        for (const Weights& weights : by_word)
            weights_.push_back(weights[email]);
        if (reader->note_work(1 + by_word.size())) {
            co_await reader->give_way();
        }
    }
    co_return StoreResult<>{};
}

bool Ranking::begin_again() {
    bool misspelt = false;
    for (Word& word : words_) {
        if (word.emails > 0 || word.text.dense || word.by == NearWord::By::spelling) continue;
        word.by = NearWord::By::spelling;
        misspelt = true;
    }
    if (!misspelt) return false;
    for (Word& word : words_)
        word.emails = 0;
    matches_.clear();
    weights_.clear();
    return true;
}

async::Awaitable<std::vector<Scored>> Ranking::scores(std::uint64_t emails) const {
    std::vector<float> rarities;
    for (const Word& word : words_) {
        const auto with = static_cast<float>(word.emails);
        const auto without = static_cast<float>(emails - std::min(emails, word.emails));
        rarities.push_back(std::log(1 + (without + 0.5F) / (with + 0.5F)));
    }
    std::vector<Scored> scores = matches_;
    for (std::size_t at = 0; at < scores.size(); ++at) {
        for (std::size_t word = 0; word < words_.size(); ++word)
            scores[at].score += rarities[word] * static_cast<float>(weights_[at * words_.size() + word]) / 255;
        if ((at + 1) % kTurnRanked == 0) {
            co_await async::give_way();
        }
    }
    co_return scores;
}

} // namespace tegami::index
