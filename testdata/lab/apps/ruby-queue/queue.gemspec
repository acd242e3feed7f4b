Gem::Specification.new do |s|
  s.name = "delivery-queue"
  s.version = "0.2.0"
  s.summary = "Sorts deliveries by route"
  s.authors = ["Ops"]
  s.license = "MIT"
  s.homepage = "https://queue.example.com"
  s.required_ruby_version = ">= 3.0"
  s.files = Dir["lib/**/*.rb"]
  s.bindir = "exe"
  s.executables = ["queue-server"]
end
