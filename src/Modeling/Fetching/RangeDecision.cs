using System.Net;

namespace GpuStack.Modeling.Fetching;

/// <summary>From where a file is fetched, and what an answer's bytes are. Pure; the proof that they are right is the digest at the end.</summary>
internal static class RangeDecision
{
    /// <summary>How many bytes of a partial file can stay; all of them when it needs only to be verified.</summary>
    /// <param name="file">The file that is wanted.</param>
    /// <param name="state">What the partial file was fetched as; null when that is not known.</param>
    /// <param name="length">The bytes that are there.</param>
    public static long Keep(FetchFile file, PartialState? state, long length) =>
        state is not null && file.CanResume && length <= file.Size && state == PartialState.Of(file) ? length : 0;

    /// <summary>What an answer brings.</summary>
    /// <param name="file">The file that is wanted.</param>
    /// <param name="offset">Where the request began; 0 for one of everything.</param>
    /// <param name="answer">The answer's head.</param>
    public static RangeVerdict Judge(FetchFile file, long offset, in RangeAnswer answer)
    {
        if (file.EntityTag is { } tag && answer.EntityTag is { } other && tag != other)
        {
            return RangeVerdict.OtherVersion;
        }

        return answer.Status switch
        {
            HttpStatusCode.OK => answer.Length is { } length && length != file.Size ? RangeVerdict.OtherVersion
                : offset == 0 ? RangeVerdict.Append : RangeVerdict.FromStart,
            HttpStatusCode.PartialContent => answer.Total is { } total && total != file.Size ? RangeVerdict.OtherVersion
                : answer.From == offset ? RangeVerdict.Append : RangeVerdict.Refused,
            HttpStatusCode.RequestedRangeNotSatisfiable => answer.Total is { } total && total != file.Size ? RangeVerdict.OtherVersion : RangeVerdict.Refused,
            _ => RangeVerdict.Refused,
        };
    }
}
