Kind = "exported-services"
Name = "default"

Services = [
  {
    Name = "billing"
    Consumers = [
      { Peer = "dc2" }
    ]
  },
  {
    Name = "catalogue"
    Consumers = [{ Peer = "dc2" }]
  }
]
