namespace Collector.Protobuf;

/// <summary>Protobuf's wire types, by number.</summary>
internal enum WireType : byte
{
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
    StartGroup = 3,
    EndGroup = 4,
    Fixed32 = 5,
}
