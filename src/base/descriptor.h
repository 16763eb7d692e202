// An open file, folder or socket that is closed when its owner goes.
#pragma once

#include <unistd.h>

#include <utility>

namespace tegami {

class Descriptor {
public:
    /// Takes a number that the system gave, or a negative one: then nothing is open.
    explicit Descriptor(int number) : number_(number) {}

    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}

    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    Descriptor& operator=(Descriptor&&) = delete;

    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }

    int get() const { return number_; }

private:
    int number_;
};

} // namespace tegami
