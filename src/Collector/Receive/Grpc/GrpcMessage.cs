using System.Globalization;
using System.Text;

namespace Collector.Receive.Grpc;

/// <summary>The header <c>grpc-message</c>: UTF-8, percent-encoded but for printable ASCII.</summary>
internal static class GrpcMessage
{
    public static string Encode(string message)
    {
        var encoded = new StringBuilder(message.Length);
        foreach (var value in Encoding.UTF8.GetBytes(message))
        {
            if (value is >= 0x20 and <= 0x7E and not (byte)'%')
            {
                encoded.Append((char)value);
            }
            else
            {
                encoded.Append('%').Append(value.ToString("X2", CultureInfo.InvariantCulture));
            }
        }

        return encoded.ToString();
    }
}
