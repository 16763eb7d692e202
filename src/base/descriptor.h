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

    /// It is somebody else's to close from now on.
    int release() { return std::exchange(number_, -1); }

private:
    int number_;
};

} // namespace tegami
