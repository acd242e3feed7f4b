#include "graph.h"

#include <fstream>
#include <iostream>

int main(int argc, char **argv)
try {
    if (argc != 4) {
        std::cerr << "usage: shortest MAP FROM TO\n";
        return 2;
    }
    std::ifstream in(argv[1]);
    if (!in)
        throw std::runtime_error(std::string(argv[1]) + ": cannot be read");
    Graph g;
    g.read(in);
    auto route = g.shortest(argv[2], argv[3]);
    if (!route) {
        std::cerr << "no way from " << argv[2] << " to " << argv[3] << "\n";
        return 1;
    }
    std::cout << route->length << ":";
    for (const auto &stop : route->stops)
        std::cout << " " << stop;
    std::cout << "\n";
} catch (const std::exception &e) {
    std::cerr << "shortest: " << e.what() << "\n";
    return 3;
}
