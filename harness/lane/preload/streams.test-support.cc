// A program in C++ as its standard library has it: streams, threads, waits, chance.
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <fstream>
#include <future>
#include <iostream>
#include <mutex>
#include <random>
#include <string>
#include <thread>

using namespace std::chrono;

int main() {
  std::ofstream("o.txt") << "hello " << 5 << std::endl;
  std::string line;
  std::ifstream in("o.txt");
  std::getline(in, line);
  const auto began = steady_clock::now();
  std::this_thread::sleep_for(milliseconds(1500));
  std::mutex mutex;
  std::condition_variable changed;
  bool ready = false;
  std::thread other([&] {
    std::this_thread::sleep_for(seconds(1));
    { std::lock_guard lock(mutex); ready = true; }
    changed.notify_one();
  });
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return ready; });
  const bool found = changed.wait_for(lock, milliseconds(250), [] { return false; });
  lock.unlock();
  other.join();
  const int answer = std::async(std::launch::async, [] { return 42; }).get();
  const auto took = duration_cast<milliseconds>(steady_clock::now() - began).count();
  std::cerr << line << " " << took << " " << found << " " << answer << " " << std::random_device()() << std::endl;
}
