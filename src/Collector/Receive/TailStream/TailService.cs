using Collector.Tail.V1;
using Google.Protobuf.Reflection;

namespace Collector.Receive.TailStream;

/// <summary>
/// What <c>schema/tail.proto</c> says of the service, for clients that ask by reflection. Its messages are read and
/// written by hand.
/// </summary>
internal static class TailService
{
    public static FileDescriptor File => TailReflection.Descriptor;

    /// <summary>collector.tail.v1.TailService</summary>
    public static string Name => File.Services[0].FullName;
}
