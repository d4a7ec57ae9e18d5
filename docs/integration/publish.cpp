// A scanner in C++: publishes point files as parts, one file a part. libzmq by cppzmq, zlib, nothing else.
//
//     c++ -std=c++17 -Wall -Wextra -Werror -O2 publish.cpp -o publish -lzmq -lz
//     ./publish tcp://127.0.0.1:5600 scanner-a bracket mm part1.xyz part2.xyz
//
// A point file has "x y z" on each line. The unit is what its numbers are in: mm, m or um. Points go out as they lie in memory, which
// pcf/1 wants little-endian.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>
#include <zlib.h>
#include <zmq.hpp>

namespace {

constexpr std::size_t points_in_frame = 50'000;

struct Point {
    float x, y, z;
};

std::uint64_t now_ns() {
    using namespace std::chrono;
    return static_cast<std::uint64_t>(duration_cast<nanoseconds>(system_clock::now().time_since_epoch()).count());
}

std::vector<Point> read_points(const std::filesystem::path &path) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error(path.string() + ": cannot be opened");
    std::vector<Point> points;
    for (Point p; file >> p.x >> p.y >> p.z;) points.push_back(p);
    if (!file.eof()) throw std::runtime_error(path.string() + ": expected x y z on each line");
    return points;
}

/// The file's name, without what would need an escape in JSON.
std::string part_name(const std::filesystem::path &path) {
    std::string name = path.stem().string().substr(0, 128);
    const std::string plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    std::replace_if(name.begin(), name.end(), [&](char c) { return plain.find(c) == std::string::npos; }, '_');
    return name;
}

/// 64 random bits, drawn anew at each start.
std::string new_session() {
    std::random_device random;
    std::ostringstream text;
    text << std::hex << random() << random();
    return text.str();
}

/// One source: its socket, its session, and the number of its next message.
class Scanner {
public:
    Scanner(zmq::context_t &context, const std::string &endpoint, std::string source, std::string part_type, std::string unit)
        : socket_(context, zmq::socket_type::push), source_(std::move(source)), part_type_(std::move(part_type)),
          unit_(std::move(unit)), session_(new_session()) {
        socket_.set(zmq::sockopt::sndhwm, 8);  // as the monitor: a scanner that is ahead waits
        socket_.connect(endpoint);
    }

    void publish_part(const std::string &name, const std::vector<Point> &points) {
        const auto total = std::max<std::size_t>(1, (points.size() + points_in_frame - 1) / points_in_frame);
        for (std::size_t index = 0; index < total; ++index) {
            const auto first = index * points_in_frame;
            publish_frame(name, index, total, points.data() + first, std::min(points_in_frame, points.size() - first));
        }
    }

private:
    void publish_frame(const std::string &part, std::size_t index, std::size_t total, const Point *points, std::size_t count) {
        const auto bytes = count * sizeof(Point);
        std::ostringstream header;
        header << R"({"schema":"pcf/1","source":")" << source_ << R"(","session":")" << session_ << R"(","seq":)" << seq_++
               << R"(,"part_id":")" << part << R"(","part_type":")" << part_type_ << R"(","frame_index":)" << index
               << R"(,"frames_total":)" << total << R"(,"end_of_part":)" << (index + 1 == total ? "true" : "false")
               << R"(,"unit":")" << unit_ << R"(","t_capture_ns":)" << now_ns() << R"(,"t_send_ns":)" << now_ns()
               << R"(,"points":)" << count << R"(,"point_step":)" << sizeof(Point) << R"(,"crc32":)"
               << crc32(0, reinterpret_cast<const Bytef *>(points), static_cast<uInt>(bytes))
               << R"(,"fields":[{"name":"x","offset":0,"dtype":"<f4"},{"name":"y","offset":4,"dtype":"<f4"},)"
               << R"({"name":"z","offset":8,"dtype":"<f4"}]})";
        // send waits while the monitor holds the scanner back.
        socket_.send(zmq::buffer("pcf/1/" + source_), zmq::send_flags::sndmore);
        socket_.send(zmq::buffer(header.str()), zmq::send_flags::sndmore);
        socket_.send(zmq::const_buffer(points, bytes), zmq::send_flags::none);
    }

    zmq::socket_t socket_;
    std::string source_, part_type_, unit_, session_;
    std::uint64_t seq_ = 0;
};

}  // namespace

int main(int argc, char **argv) try {
    if (argc < 6) throw std::runtime_error("expected ENDPOINT SOURCE PART_TYPE UNIT FILE...");
    zmq::context_t context;  // its end waits until the monitor has everything
    Scanner scanner(context, argv[1], argv[2], argv[3], argv[4]);
    for (int i = 5; i < argc; ++i) {
        const auto name = part_name(argv[i]);
        scanner.publish_part(name, read_points(argv[i]));
        std::cout << name << ": published" << std::endl;
    }
} catch (const std::exception &error) {
    std::cerr << "publish: " << error.what() << std::endl;
    return 1;
}
