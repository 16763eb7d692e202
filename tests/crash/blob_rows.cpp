// Looks into a store's RocksDB with nothing of Tegami's own code, as docs/formats/engine_rocksdb.md describes it, and
// prints as JSON what there is of blobs: how many, how many without a reference, how many of those the collector does
// not know of, and how many references lead to no blob; and the versions of the accounts' domains. It changes nothing.
#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include <cstdio>
#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace {

/// RocksDB would make a file for its log, in the folder that it reads.
class NoLog final : public rocksdb::Logger {
public:
    using rocksdb::Logger::Logv;

    void Logv(const char*, va_list) override {}
};

unsigned long long number_of(std::string_view big_endian) {
    unsigned long long number = 0;
    for (const char octet : big_endian)
        number = number << 8 | static_cast<unsigned char>(octet);
    return number;
}

} // namespace

int main(int count, char** arguments) {
    if (count != 2) return 2;
    rocksdb::DB* opened = nullptr;
    rocksdb::Options options;
    options.info_log = std::make_shared<NoLog>();
    const rocksdb::Status status = rocksdb::DB::OpenForReadOnly(options, arguments[1], &opened);
    if (!status.ok()) {
        std::fprintf(stderr, "%s\n", status.ToString().c_str());
        return 1;
    }
    const std::unique_ptr<rocksdb::DB> database(opened);
    constexpr std::size_t kIdBytes = 16;
    std::set<std::string> blobs;
    std::set<std::string> referenced;
    std::set<std::string> candidates;
    std::size_t references = 0;
    std::string versions;
    const std::unique_ptr<rocksdb::Iterator> at(database->NewIterator({}));
    for (at->SeekToFirst(); at->Valid(); at->Next()) {
        const std::string key = at->key().ToString();
        if (key.size() == 10 && key.starts_with("Va"))
            versions += (versions.empty() ? "\"" : ", \"") + std::to_string(number_of(key.substr(2))) +
                        "\": " + std::to_string(number_of(at->value().ToStringView()));
        if (key.size() <= kIdBytes) continue;
        const std::string id = key.substr(1, kIdBytes);
        if (key[0] == 'B') blobs.insert(id);
        if (key[0] == 'C') candidates.insert(id);
        if (key[0] != 'R') continue;
        referenced.insert(id);
        ++references;
    }
    std::size_t unreferenced = 0;
    std::size_t forgotten = 0;
    for (const std::string& blob : blobs) {
        if (referenced.contains(blob)) continue;
        ++unreferenced;
        if (!candidates.contains(blob)) ++forgotten;
    }
    std::size_t dangling = 0;
    for (const std::string& blob : referenced)
        if (!blobs.contains(blob)) ++dangling;
    std::printf(R"({"blobs": %zu, "references": %zu, "unreferenced": %zu, "forgotten": %zu, "dangling": %zu, )"
                R"("versions": {%s}})"
                "\n",
                blobs.size(), references, unreferenced, forgotten, dangling, versions.c_str());
    return 0;
}
