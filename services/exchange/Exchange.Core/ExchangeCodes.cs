namespace Exchange;

/// <summary>
/// Why something was not sent, taken in or believed. Stable: they travel between nodes and stand in ledgers.
/// </summary>
public static class ExchangeCodes
{
    // Sending.
    public const string FromRegionNotServed = "EXCHANGE_FROM_REGION_NOT_SERVED";
    public const string RegionMalformed = "EXCHANGE_REGION_MALFORMED";
    public const string PayloadTooLarge = "EXCHANGE_PAYLOAD_TOO_LARGE";
    public const string TypeMalformed = "EXCHANGE_TYPE_MALFORMED";
    public const string NoParent = "EXCHANGE_NO_PARENT";
    public const string MessageIdMalformed = "EXCHANGE_MESSAGE_ID_MALFORMED";
    public const string BatchTooLarge = "EXCHANGE_BATCH_TOO_LARGE";
    public const string RegionUnknown = "EXCHANGE_REGION_UNKNOWN";

    // No place in a stream.
    public const string UnknownNode = "EXCHANGE_UNKNOWN_NODE";
    public const string NodeRevoked = "EXCHANGE_NODE_REVOKED";
    public const string UnknownKey = "EXCHANGE_UNKNOWN_KEY";
    public const string KeyExpired = "EXCHANGE_KEY_EXPIRED";
    public const string SignatureInvalid = "EXCHANGE_SIGNATURE_INVALID";
    public const string WrongDestination = "EXCHANGE_WRONG_DESTINATION";
    public const string Malformed = "EXCHANGE_MALFORMED";
    public const string DigestConflict = "EXCHANGE_DIGEST_CONFLICT";
    public const string ChainBroken = "EXCHANGE_CHAIN_BROKEN";
    public const string TooFarAhead = "EXCHANGE_TOO_FAR_AHEAD";
    public const string NoRoute = "EXCHANGE_NO_ROUTE";

    // A place in the stream, but not delivered.
    public const string WrongRegion = "EXCHANGE_WRONG_REGION";
    public const string Moved = "EXCHANGE_MOVED";
    public const string NotServed = "EXCHANGE_NOT_SERVED";
    public const string Undecryptable = "EXCHANGE_UNDECRYPTABLE";
    public const string UnknownType = "EXCHANGE_UNKNOWN_TYPE";
    public const string UnknownVersion = "EXCHANGE_UNKNOWN_VERSION";
    public const string Replayed = "EXCHANGE_REPLAYED";

    // Receipts.
    public const string ReceiptBeyondHead = "EXCHANGE_RECEIPT_BEYOND_HEAD";
    public const string ReceiptIncomplete = "EXCHANGE_RECEIPT_INCOMPLETE";
    public const string ReceiptConflict = "EXCHANGE_RECEIPT_CONFLICT";

    // Records and enrolment.
    public const string RecordMalformed = "EXCHANGE_RECORD_MALFORMED";
    public const string NotCertified = "EXCHANGE_NOT_CERTIFIED";
    public const string RootNotPinned = "EXCHANGE_ROOT_NOT_PINNED";
    public const string RegionOutsideParent = "EXCHANGE_REGION_OUTSIDE_PARENT";
    public const string EnrolmentCodeWrong = "EXCHANGE_ENROLMENT_CODE_WRONG";
    public const string EnrolmentCodeUsed = "EXCHANGE_ENROLMENT_CODE_USED";
    public const string NotMyChild = "EXCHANGE_NOT_MY_CHILD";

    // Ledgers.
    public const string ArrivalNotFound = "EXCHANGE_ARRIVAL_NOT_FOUND";
    public const string ArrivalSettled = "EXCHANGE_ARRIVAL_SETTLED";
}
