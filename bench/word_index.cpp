// The word index over made-up mail in the embedded engine: what indexing a mail costs, how large the index is, what
// questions cost, and how many mails are left to be looked at. Words are drawn as in natural text (the n-th most frequent
// one about 1/n as often as the first); every fifth mail is Japanese. Times are the processor's, of all threads; of
// questions the least of ten.
// Usage: word_index [directory [messages]]
#include "in_process.h"

#include "async/worker_pool.h"
#include "base/base64.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "disk/real.h"
#include "index/indexer.h"
#include "index/query.h"
#include "ingest/intake.h"
#include "message/text.h"
#include "store/engine/rocks.h"
#include "store/store.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <lz4.h>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace tegami {
namespace {

using bench::context;
using bench::processor_milliseconds;
using bench::wait_for;

constexpr std::size_t kAppendAtOnce = 1000;
/// Words that there are.
constexpr double kVocabulary = 400'000;

/// Makes letters.
class Writer {
public:
    std::string letter(std::size_t number) {
        const bool japanese = number % 5 == 4;
        std::string out =
            fmt::format("Received: from mail{}.example (mail{}.example [192.0.2.{}]) by mx.example with ESMTPS\r\n"
                        " id {:x} for <anna@b.example>; Mon, 2 Nov 2026 10:00:00 +0000\r\n",
                        number % 50, number % 50, number % 250, number * 2654435761U);
        out += fmt::format(
            "From: {} {} <{}.{}@{}.example>\r\nTo: Anna <anna@b.example>\r\nDate: Mon, 2 Nov 2026 10:00:00 +0000\r\n",
            word(20'000), word(20'000), word(20'000), word(20'000), word(2000));
        out += fmt::format("Message-ID: <{:x}.{:x}@mail{}.example>\r\nMIME-Version: 1.0\r\nSubject: ", number,
                           random_.number(), number % 50);
        if (japanese) {
            out += "=?UTF-8?B?" + base64::encode(japanese_text(12)) + "?=\r\n";
            out += "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n";
            return out + wrapped(base64::encode(japanese_text(700)));
        }
        out +=
            fmt::format("{} {} {} {}\r\n", word(kVocabulary), word(kVocabulary), word(kVocabulary), word(kVocabulary));
        out += "Content-Type: text/plain; charset=utf-8\r\n\r\n";
        for (int line = 0; line < 28; ++line) {
            for (int at = 0; at < 10; ++at)
                out += word(kVocabulary) + (at == 4 ? ", " : " ");
            out += "\r\n";
        }
        return out;
    }

private:
    /// Frequent words are short.
    std::string word(double vocabulary) {
        const double chance = static_cast<double>(random_.below(1 << 30)) / (1 << 30);
        auto rank = static_cast<std::size_t>(std::exp(chance * std::log(vocabulary)));
        static constexpr std::array<std::string_view, 16> kSyllables{"ta", "ne", "ri", "so",  "mu", "la", "ke", "vi",
                                                                     "do", "an", "er", "ing", "on", "st", "ab", "el"};
        std::string out;
        for (; rank > 0; rank /= 16)
            out += kSyllables[rank % 16];
        return out.empty() ? "a" : out;
    }

    std::string japanese_text(std::size_t characters) {
        std::string out;
        for (; characters > 0; --characters) {
            const double chance = static_cast<double>(random_.below(1 << 30)) / (1 << 30);
            const bool kana = random_.below(2) == 0;
            const auto c =
                static_cast<char32_t>((kana ? 0x3041 : 0x4e00) + std::exp(chance * std::log(kana ? 80.0 : 3000.0)) - 1);
            out += {static_cast<char>(0xe0 | (c >> 12)), static_cast<char>(0x80 | (c >> 6 & 63)),
                    static_cast<char>(0x80 | (c & 63))};
            if (random_.below(25) == 0) out += "\xe3\x80\x82";
        }
        return out;
    }

    static std::string wrapped(std::string text) {
        for (std::size_t at = 76; at < text.size(); at += 78)
            text.insert(at, "\r\n");
        return text + "\r\n";
    }

    SeededRandom random_{7};
};

async::Awaitable<store::StoreResult<store::NewMessage>> store_letter(store::Engine* engine, std::string octets,
                                                                     store::MailboxId mailbox) {
    ingest::Intake intake(*engine);
    CO_TRY_VOID(co_await intake.append(std::move(octets)));
    CO_TRY_VOID(co_await intake.complete());
    CO_TRY(const ingest::Arrival arrival, co_await intake.store({}, {}));
    co_return store::NewMessage{.blob = arrival.blob,
                                .placements = {{.mailbox = mailbox, .flags = {}, .keywords = {}}},
                                .internal_date = {},
                                .thread = {}};
}

/// What the index takes on the disk, about: the engine compresses its pages so. By the first letter of the key.
std::map<char, std::uint64_t> compressed_bytes(store::Engine& engine, store::AccountId account) {
    std::map<char, std::uint64_t> sums;
    std::string begin;
    for (;;) {
        const store::Page page =
            wait_for(engine.scan(index::index_domain(account), {.begin = begin, .end = {}, .rows_max = 100}));
        for (const store::Row& row : page.rows) {
            std::string out(static_cast<std::size_t>(LZ4_compressBound(static_cast<int>(row.value.size()))), '\0');
            const int size = LZ4_compress_default(row.value.data(), out.data(), static_cast<int>(row.value.size()),
                                                  static_cast<int>(out.size()));
            sums[row.key.front()] += std::min<std::uint64_t>(row.value.size(), static_cast<std::uint64_t>(size));
        }
        if (!page.more) return sums;
        begin = page.rows.back().key + '\0';
    }
}

void ask_about(store::Engine& engine, store::AccountId account, std::string_view what, std::string_view needle,
               index::FieldMask fields, std::size_t messages, bool fuzzy = false) {
    const index::Question question{.fields = fields, .folded = message::fold_for_search(needle), .fuzzy = fuzzy};
    constexpr int kTimes = 10;
    std::array<std::size_t, 3> counts{};
    double least = std::numeric_limits<double>::max();
    for (int time = 0; time < kTimes; ++time) {
        std::vector<index::Question> questions{question};
        const double before = processor_milliseconds();
        const index::Answers answers = wait_for(index::ask(&engine, account, std::move(questions)));
        least = std::min(least, processor_milliseconds() - before);
        if (time > 0) continue;
        for (std::size_t email = 1; email <= messages; ++email)
            ++counts[static_cast<std::size_t>(answers.of(0, store::EmailId(email)))];
    }
    fmt::print("| {} | {:.2f} ms | {} | {} |\n", what, least, counts[1], counts[2]);
}

int run(const std::filesystem::path& directory, std::size_t messages) {
    std::filesystem::remove_all(directory);
    disk::RealFileSystem disk;
    async::RealTimers timers;
    SystemRandom random;
    SilentLog log;
    async::ThreadPool pool(2);
    auto engine = store::RocksEngine::open(
        {.directory = directory.string()},
        {.disk = disk, .clock = timers, .random = random, .log = log, .pool = pool, .long_jobs = pool});
    if (!engine) return fmt::print(stderr, "{}\n", engine.error().detail), 1;
    store::Store store(engine->get(), &timers);
    const store::AccountPtr account = wait_for(store.create_account(store::AccountId(1), {}));
    const store::MailboxId inbox = account->mailboxes()->find("INBOX")->id;
    Writer writer;
    std::uint64_t octets = 0;
    std::vector<store::NewMessage> waiting;
    for (std::size_t number = 0; number < messages; ++number) {
        std::string letter = writer.letter(number);
        octets += letter.size();
        waiting.push_back(wait_for(store_letter(engine->get(), std::move(letter), inbox)));
        if (waiting.size() == kAppendAtOnce || number + 1 == messages)
            wait_for(account->append(std::exchange(waiting, {})));
    }
    index::Indexer indexer({.store = store, .workers = pool, .timers = timers, .log = log});
    const double before = processor_milliseconds();
    const Instant began = timers.instant();
    wait_for(indexer.catch_up(account->id()));
    const double used = processor_milliseconds() - before;
    const double passed = std::chrono::duration<double, std::milli>(timers.instant() - began).count();
    const index::IndexStatus status = wait_for(index::index_status(engine->get(), account));
    const auto share = [&](std::uint64_t bytes) {
        return 100.0 * static_cast<double>(bytes) / static_cast<double>(octets);
    };
    std::uint64_t compressed = 0;
    std::string parts;
    for (const auto& [kind, bytes] : compressed_bytes(**engine, account->id())) {
        compressed += bytes;
        parts += fmt::format(" {} {:.1f} %", kind, share(bytes));
    }
    fmt::print(
        "{} mails of {} octets each: {:.3f} ms of the processor a mail ({:.3f} ms passed); the index has {:.1f} % of "
        "the octets of the mail, {:.1f} % on the disk (pages{}), in {} segments\n\n",
        messages, octets / messages, used / static_cast<double>(messages), passed / static_cast<double>(messages),
        share(status.bytes), share(compressed), parts, status.segments);
    fmt::print("| question | processor | found | to be looked at |\n|---|---|---|---|\n");
    using index::Field;
    const auto body = index::mask_of(Field::body);
    const auto all = index::kAllFields;
    ask_about(**engine, account->id(), "BODY, a rare word", "tanerisomuta", body, messages);
    ask_about(**engine, account->id(), "BODY, a frequent word", "ne", body, messages);
    ask_about(**engine, account->id(), "TEXT, inside words", "isomul", all, messages);
    ask_about(**engine, account->id(), "SUBJECT, a word", "neri", index::mask_of(Field::subject), messages);
    ask_about(**engine, account->id(), "FROM, an address", "anna@", index::mask_of(Field::from), messages);
    ask_about(**engine, account->id(), "BODY, three words", "taner an ri", body, messages);
    ask_about(**engine, account->id(), "BODY, one character", "\xe4\xb8\x80", body, messages);
    ask_about(**engine, account->id(), "BODY, two characters", "\xe4\xb8\x80\xe4\xb8\x81", body, messages);
    ask_about(**engine, account->id(), "BODY, three characters", "\xe4\xb8\x80\xe4\xb8\x81\xe4\xb8\x82", body,
              messages);
    ask_about(**engine, account->id(), "FUZZY TEXT, a rare word", "tanerisomula", all, messages, true);
    ask_about(**engine, account->id(), "FUZZY TEXT, three words", "taneri anker rineta", all, messages, true);
    ask_about(**engine, account->id(), "FUZZY SUBJECT, a word", "neri", index::mask_of(Field::subject), messages, true);
    ask_about(**engine, account->id(), "FUZZY TEXT, misspelt", "tanerisomusa", all, messages, true);
    ask_about(**engine, account->id(), "FUZZY BODY, three characters", "\xe4\xb8\x80\xe4\xb8\x81\xe4\xb8\x82", body,
              messages, true);
    context().restart();
    std::optional<bool> closed;
    boost::asio::co_spawn(context(), (*engine)->close(), [&](const std::exception_ptr&) {
        closed = true;
        context().stop();
    });
    context().run();
    pool.stop();
    std::filesystem::remove_all(directory);
    return 0;
}

} // namespace
} // namespace tegami

int main(int argc, char** argv) {
    const std::filesystem::path directory = argc > 1 ? argv[1] : "/var/tmp/tegami-bench-words";
    const std::size_t messages = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 100'000;
    return tegami::run(directory, std::max<std::size_t>(1, messages));
}
