using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Client;

/// <summary>
/// Reads a list's body as it arrives: an item is parsed once its bytes are there, so that no more than the largest item is ever held.
/// </summary>
internal static class ListStream
{
    /// <summary>An incomplete item of that size is looked at again only when twice as much has arrived: each look begins at its start.</summary>
    private const int Large = 256 * 1024;

    /// <exception cref="JsonException">The body is no list, or ends too soon.</exception>
    /// <exception cref="InvalidDataException">An item is too large.</exception>
    public static async Task<KubernetesList<T>> ReadAsync<T>(
        Stream stream, JsonTypeInfo<T> itemInfo, JsonTypeInfo<V1ListMeta> metadataInfo, IdleLimit limit)
        where T : class, IKubernetesObject
    {
        using var buffer = new ReceiveBuffer(stream, limit);
        var parser = new ListParser<T>(itemInfo, metadataInfo);
        var worthwhile = 0;
        while (!parser.IsDone)
        {
            if (buffer.IsComplete) throw new JsonException("The list ends too soon.");
            await buffer.FillAsync().ConfigureAwait(false);
            if (buffer.Unread.Length < worthwhile && !buffer.IsComplete) continue;
            buffer.Consume(parser.Read(buffer.Unread, buffer.IsComplete, limit.Token));
            worthwhile = buffer.Unread.Length >= Large ? Math.Min(2 * buffer.Unread.Length, ReceiveBuffer.MaxObjectBytes) : 0;
        }

        return parser.List;
    }
}
