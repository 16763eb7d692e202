// The contract of file_system.h, on the real disk and on its twin.
#include "disk/faulty.h"
#include "disk/files.h"
#include "disk/real.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <functional>

#include <stdlib.h>

namespace tegami::disk {
namespace {

using ::testing::ElementsAre;

class Real {
public:
    Real() {
        std::string pattern = (std::filesystem::temp_directory_path() / "tegami_disk_XXXXXX").string();
        root_ = ::mkdtemp(pattern.data());
    }

    ~Real() { std::filesystem::remove_all(root_); }

    Real(const Real&) = delete;
    Real& operator=(const Real&) = delete;

    FileSystem& disk() { return disk_; }

    const std::string& root() const { return root_; }

private:
    RealFileSystem disk_;
    std::string root_;
};

class Faulty {
public:
    Faulty() : disk_(1) { disk_.make_directory(root_).value(); }

    FileSystem& disk() { return disk_; }

    const std::string& root() const { return root_; }

private:
    FaultyFileSystem disk_;
    std::string root_ = "/disk";
};

template <class World>
class Disk : public ::testing::Test {
protected:
    FileSystem& disk() { return world_.disk(); }

    std::string path(std::string_view name) { return world_.root() + "/" + std::string(name); }

    static DiskResult<> write(File& file, std::uint64_t offset, std::string_view octets) {
        const std::string_view pieces[] = {octets};
        return file.write_at(offset, pieces);
    }

    World world_;
};

using Worlds = ::testing::Types<Real, Faulty>;
TYPED_TEST_SUITE(Disk, Worlds);

TYPED_TEST(Disk, WritesPiecesAndReadsParts) {
    const auto file = this->disk().create(this->path("a"));
    ASSERT_TRUE(file);
    const std::string_view pieces[] = {"Hello", "", ", ", "world"};
    ASSERT_TRUE((*file)->write_at(0, pieces));
    EXPECT_EQ((*file)->read_at(0, 100), "Hello, world");
    EXPECT_EQ((*file)->read_at(7, 3), "wor");
    EXPECT_EQ((*file)->read_at(100, 3), "");
    ASSERT_TRUE(this->write(**file, 14, "!"));
    EXPECT_EQ((*file)->size(), 15u);
    EXPECT_EQ((*file)->read_at(11, 10), std::string("d\0\0!", 4));
    ASSERT_TRUE((*file)->truncate(5));
    EXPECT_EQ((*file)->read_at(0, 100), "Hello");
    EXPECT_TRUE((*file)->sync());
}

TYPED_TEST(Disk, WritesMorePiecesThanOneSystemCallTakes) {
    const auto file = this->disk().create(this->path("a"));
    const std::vector<std::string_view> pieces(5000, "abc");
    ASSERT_TRUE((*file)->write_at(0, pieces));
    EXPECT_EQ((*file)->size(), 15000u);
    EXPECT_EQ((*file)->read_at(14997, 9), "abc");
}

TYPED_TEST(Disk, WhatIsWrittenPastTheCacheIsReadLikeAnythingElse) {
    struct Write {
        std::uint64_t offset;
        std::size_t size;
    };

    // In the order of a segment: each begins where the one before ended, at a block's border or not.
    const std::vector<Write> writes{{0, 8},
                                    {8, 100},
                                    {108, 3988},
                                    {4096, 8192},
                                    {12288, 1},
                                    {12289, 600'000},
                                    {612'289, 4095},
                                    {616'384, 1'048'576},
                                    {1'664'960, 5000},
                                    {1'669'960, 0},
                                    {1'669'960, 12345}};
    const auto file = this->disk().create(this->path("a"));
    const auto reader = this->disk().open_read_only(this->path("a"));
    ASSERT_TRUE(file && reader);
    std::string expected;
    for (const Write& write : writes) {
        std::string octets(write.size, '\0');
        for (std::size_t at = 0; at < octets.size(); ++at)
            octets[at] = static_cast<char>('a' + (write.offset + at) * 7 % 23);
        const std::string_view all = octets;
        const std::string_view pieces[] = {all.substr(0, all.size() / 3), "", all.substr(all.size() / 3)};
        ASSERT_TRUE((*file)->write_past_cache(write.offset, pieces));
        expected += octets;
        ASSERT_EQ((*file)->size(), expected.size());
        ASSERT_TRUE((*reader)->read_at(0, expected.size() + 1) == expected) << "after " << write.size;
        if (write.size % 2 == 0) ASSERT_TRUE((*file)->sync());
    }
    // Again over what is there and has been read: nobody sees what was there before.
    const std::string again(300'000, 'Z');
    const std::string_view pieces[] = {again};
    ASSERT_TRUE((*file)->write_past_cache(1001, pieces));
    expected.replace(1001, again.size(), again);
    EXPECT_TRUE((*reader)->read_at(0, expected.size() + 1) == expected);
}

TYPED_TEST(Disk, CreateRefusesWhatIsThereAndOpenWhatIsNot) {
    ASSERT_TRUE(this->disk().create(this->path("a")));
    EXPECT_EQ(this->disk().create(this->path("a")).error().code, ErrorCode::exists);
    EXPECT_EQ(this->disk().create(this->path("no/a")).error().code, ErrorCode::not_found);
    EXPECT_EQ(this->disk().open(this->path("b")).error().code, ErrorCode::not_found);
    EXPECT_EQ(this->disk().open_read_only(this->path("b")).error().code, ErrorCode::not_found);
    EXPECT_EQ(this->disk().remove(this->path("b")).error().code, ErrorCode::not_found);
    EXPECT_EQ(this->disk().rename(this->path("b"), this->path("c")).error().code, ErrorCode::not_found);
    EXPECT_EQ(this->disk().list(this->path("no")).error().code, ErrorCode::not_found);
    const auto read_only = this->disk().open_read_only(this->path("a"));
    EXPECT_EQ(this->write(**read_only, 0, "x").error().code, ErrorCode::io);
}

TYPED_TEST(Disk, RenamesRemovesAndLists) {
    ASSERT_TRUE(this->disk().make_directory(this->path("d/e")));
    ASSERT_TRUE(this->disk().make_directory(this->path("d/e"))) << "may be there already";
    const auto file = this->disk().create(this->path("d/two"));
    ASSERT_TRUE(this->write(**file, 0, "two"));
    ASSERT_TRUE(this->disk().create(this->path("d/one")));
    const auto names = this->disk().list(this->path("d"));
    ASSERT_TRUE(names);
    EXPECT_THAT(*names, ElementsAre("e", "one", "two"));
    ASSERT_TRUE(this->disk().rename(this->path("d/two"), this->path("d/one")));
    ASSERT_TRUE(this->disk().sync_directory(this->path("d")));
    const auto opened = this->disk().open(this->path("d/one"));
    EXPECT_EQ((*opened)->read_at(0, 10), "two");
    ASSERT_TRUE(this->disk().remove(this->path("d/one")));
    EXPECT_EQ((*opened)->read_at(0, 10), "two") << "open files outlive their name";
    EXPECT_THAT(*this->disk().list(this->path("d")), ElementsAre("e"));
}

TYPED_TEST(Disk, TemporaryFilesHaveNoName) {
    ASSERT_TRUE(this->disk().make_directory(this->path("d")));
    const auto file = this->disk().temporary(this->path("d"));
    ASSERT_TRUE(file);
    ASSERT_TRUE(this->write(**file, 0, "x"));
    EXPECT_EQ((*file)->read_at(0, 9), "x");
    EXPECT_THAT(*this->disk().list(this->path("d")), ElementsAre());
}

TYPED_TEST(Disk, OneHolderOfALock) {
    auto first = this->disk().lock(this->path("LOCK"));
    ASSERT_TRUE(first);
    EXPECT_EQ(this->disk().lock(this->path("LOCK")).error().code, ErrorCode::locked);
    first->reset();
    EXPECT_TRUE(this->disk().lock(this->path("LOCK")));
}

TYPED_TEST(Disk, KnowsItsFreeSpace) {
    EXPECT_GT(this->disk().free_bytes(this->path("")).value(), 0u);
}

TEST(FilesTest, ASecretIsNotReadIfEverybodyMayReadIt) {
    const Real world;
    const std::string path = world.root() + "/secret";
    create_file(path, "hush", 0600).value();
    using std::filesystem::perms;
    for (const auto& [mode, is_read] :
         {std::pair(0600, true), std::pair(0640, true), std::pair(0644, false), std::pair(0601, false)}) {
        std::filesystem::permissions(path, static_cast<perms>(mode));
        EXPECT_EQ(read_secret_file(path, 100).value_or(""), is_read ? "hush" : "") << std::oct << mode;
    }
}

} // namespace
} // namespace tegami::disk
