using System.Net.Http.Headers;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Hubs;

/// <summary>A repository whose files each have an address, so that they can be fetched whole.</summary>
internal interface IRemoteRepository : IModelRepository
{
    /// <summary>What exchanges the requests for a file; the caller tries again.</summary>
    /// <param name="path">The file's path in the repository.</param>
    /// <param name="ifRange">The version of which ranges are wanted; null for any.</param>
    HttpExchange Exchange(string path, EntityTagHeaderValue? ifRange);

    /// <summary>Asks for a file's size and version; null when there is no such file.</summary>
    /// <exception cref="ByteRangeException">The place cannot be reached, or refuses.</exception>
    async ValueTask<HttpProbe?> ProbeAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await HttpProbe.ReadAsync(Exchange(path, null), cancellationToken).ConfigureAwait(false);
        }
        catch (ByteRangeException exception) when (exception.IsMissingFile)
        {
            return null;
        }
    }
}
