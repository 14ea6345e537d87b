namespace GpuStack.Modeling.Fetching;

/// <summary>What the body of an answer is good for.</summary>
internal enum RangeVerdict
{
    /// <summary>It follows on the bytes that are there.</summary>
    Append,

    /// <summary>It is the whole file: the server does not heed ranges, or (If-Range) holds another version.</summary>
    FromStart,

    /// <summary>It is of another version than the one that was planned.</summary>
    OtherVersion,

    /// <summary>It is not what was asked for.</summary>
    Refused,
}
