using System.Text;
using SaaS.Domain.Common;

namespace SaaS.MailHost.Router;

/// <summary>What final delivery puts in front of a message (RFC 5321 §4.4).</summary>
internal static class DeliveryHeaders
{
    /// <summary>Return-Path, Delivered-To, then <paramref name="prepend"/>. Addresses cannot contain line ends.</summary>
    public static byte[] For(MailAddress? reversePath, string recipient, ReadOnlySpan<byte> prepend)
    {
        var own = Encoding.UTF8.GetBytes($"Return-Path: <{reversePath}>\r\nDelivered-To: {recipient}\r\n");
        return [.. own, .. prepend];
    }
}
