using GpuStack.Simulator.ApiServer.Requests;
using GpuStack.Simulator.ApiServer.Statuses;

namespace GpuStack.Simulator.ApiServer.Serving;

/// <summary>The forms in which objects can be shown.</summary>
internal enum Form
{
    /// <summary>The objects themselves.</summary>
    Full,

    /// <summary>Their metadata: PartialObjectMetadata.</summary>
    Metadata,

    /// <summary>A table.</summary>
    Table,
}

/// <summary>Chooses the form that the Accept header asks for first, of those that are offered.</summary>
internal static class Negotiation
{
    public static Form Choose(IReadOnlyList<MediaType> accept)
    {
        if (accept.Count == 0)
            return Form.Full;
        foreach (var type in accept)
        {
            if (!type.TakesJson)
                continue;
            switch (type.As)
            {
                case null:
                    return Form.Full;
                case "Table" when type.Parameters.GetValueOrDefault("v") == "v1":
                    return Form.Table;
                case "PartialObjectMetadata" or "PartialObjectMetadataList" when type.Parameters.GetValueOrDefault("v") == "v1":
                    return Form.Metadata;
            }
        }

        throw ApiException.NotAcceptable("application/json", "application/json;as=Table;g=meta.k8s.io;v=v1", "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1");
    }
}
